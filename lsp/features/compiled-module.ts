/** The module of a problem, as `bilevel compile` writes it, for a client that shows it beside the page. */
import type { Range } from 'vscode-languageserver-protocol';
import { checkPage, compileProgram } from '../../compiler/pipeline.ts';
import { hasErrors, type Diagnostic, type Span } from '../../diagnostics/diagnostic.ts';
import type { ProblemNode } from '../../grammar/ast.ts';
import { compiledModule, ownName } from '../../library/module.ts';
import { knownSizes } from '../../plan/splits.ts';
import { rangeOf, type Analysis } from '../analysis.ts';
import type { CompileAnswer, CompileAsked } from '../compile-request.ts';
import { plain } from '../uri.ts';

/** `offset`: of the place that was asked about, if one was. */
export function compiledModuleOf(analysis: Analysis, { problem: name }: CompileAsked, offset: number | undefined): CompileAnswer {
  const node = problemAsked(analysis, name, offset);
  if (node === undefined) return { because: name === undefined ? 'the page holds no problem' : `the page has no problem \`${name}\`` };
  const { checked, document } = analysis;
  const asked = { problem: node.name.name };
  if (hasErrors(checked().diagnostics)) return { ...asked, because: wordsOf(checked().diagnostics) };
  // A module says places of the page, so nothing is taken from earlier texts, where the problem may have stood elsewhere.
  const { value: programs, imports } = checkPage(document.getText(), analysis.uri, (file) => analysis.imports.get(file));
  const program = programs.find(({ span }) => span.start === node.span.start);
  const compiled = program && compileProgram(program, imports);
  const problem = compiled?.value;
  if (problem === undefined) return { ...asked, because: wordsOf(compiled?.diagnostics ?? []) };

  const texts = new Map([...analysis.imports].map(([uri, text]) => [pathOf(uri), text]));
  const page = { name: pathOf(analysis.uri), text: document.getText(), imports: (path: string) => texts.get(path) };
  const sizes = knownSizes(problem.module.description);
  const { value, diagnostics } = compiledModule(problem, page, { target: 'ts', precisions: ['f64'], sizes });
  const [file] = value?.files ?? [];
  if (file === undefined) return { ...asked, because: wordsOf(diagnostics) };
  const own = ownName(page);
  const rangeFor = statementsOf(node, analysis);
  return {
    ...asked,
    version: document.version,
    text: file.text,
    from: file.lines.map(({ from }) => (from?.file === own ? rangeFor(from) : null)),
  };
}

/** As the command line would call it, in a folder also where there is none: a module says its page's own name, which no other part knows it by. */
const pathOf = (uri: string): string => plain(uri).replace(/^[\w+.-]+:/u, '/');

function problemAsked({ parsed }: Analysis, name: string | undefined, offset: number | undefined): ProblemNode | undefined {
  const problems = parsed().value.items.filter((item) => item.kind === 'problem');
  if (name !== undefined) return problems.find((problem) => problem.name.name === name);
  return problems.find(({ span }) => offset !== undefined && span.start <= offset && offset <= span.end) ?? problems[0];
}

/** Lines say the name that they speak of; what a reader looks at is its statement. */
function statementsOf({ declarations }: ProblemNode, analysis: Analysis): (name: Pick<Span, 'start' | 'end'>) => Range {
  return (name) => {
    const statement = declarations.find(({ span }) => span.start <= name.start && name.end <= span.end);
    return rangeOf(analysis, { file: analysis.uri, ...(statement?.span ?? name) });
  };
}

/** The first of what is wrong. */
function wordsOf(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((each) => hasErrors([each]));
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  return `${errors[0]?.message ?? 'the page has errors'}${more}`;
}
