/**
 * The package `bilevel`: pages checked, planned, compiled, formatted and solved by a program. Texts in, data out: nothing
 * here reads a file, a clock or an environment, and all of it runs in a browser.
 */
export { check, type Checked } from './check.ts';
export { compile, type Compilation, type CompileOptions, type EmittedModule } from './compile.ts';
export { format, type Formatted } from './format.ts';
export { plan, type PlanOptions, type Planned } from './plan.ts';
export { problem, type GivenValues, type NamedValues, type PageProblem } from './problem.ts';
export { bilevel, type PageValue } from './template.ts';
export { renderDiagnostic, type RenderOptions, type Sources } from '../diagnostics/render.ts';
export { PageError } from './page-error.ts';
export { UsageError } from './usage-error.ts';
export { ProblemError } from '../runtime/problem-error.ts';
export { version } from './version.ts';
export type { DataPlace, Diagnostic, Edit, Fix, Label, Severity, Span } from '../diagnostics/diagnostic.ts';
export type { LocatedDiagnostic } from './located.ts';
export type { WrittenFile } from './module.ts';
export type { FormatOptions, ImportOptions, PageOptions, ProblemOptions, SolvingOptions } from './options.ts';
export type { Sizes } from './asked.ts';
export type { CalibrationFacts, Measured, PlanDocument, PlannedCandidate, PlannedMemory, PlannedStage } from './plan-document.ts';
export type { JudgedCondition, PredictedError, PredictedPart, WeighedWork } from './why.ts';
export type { Verdict } from '../plan/decide.ts';
export type { Target } from '../compiler/emit/module/module.ts';
export type { Precision } from '../plan/kernels.ts';
export type { Arithmetic } from '../plan/types.ts';
export type {
  DataDescription,
  Expr,
  HyperDescription,
  Kind,
  MethodDescription,
  ParamDescription,
  ProblemDescription,
  ReportDescription,
  SourceSpan,
  SplitDescription,
  StageName,
} from '../plan/types.ts';
