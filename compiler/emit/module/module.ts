/**
 * A problem as a module that people can ship: TypeScript, or JavaScript with a declaration file. The text is data, types and names: what
 * runs is the runtime that it imports and the kernels that it carries. Deterministic: the same page gives the same bytes everywhere.
 */
import type { CandidateCalls } from '../../../plan/calls.ts';
import type { CandidateCode, Precision } from '../../../plan/kernels.ts';
import type { Library } from '../../../plan/placement.ts';
import { bindingParts } from '../../../plan/binding-parts.ts';
import { approximates } from '../../../plan/decide.ts';
import type { Candidate, Certifies, Plan, ProblemDescription } from '../../../plan/types.ts';
import { printInterfaces, relaxedHypers, safeInComment, typeNames, usedTypes, type Line } from './interfaces.ts';
import { printKey, printLiteral } from './literal.ts';
import { pack, packCalls } from './pack.ts';

export type Target = 'ts' | 'js';

export interface ModuleRequest {
  readonly description: ProblemDescription;
  /** Of the candidates that the module carries. */
  readonly plan: Plan;
  /** Where it proves errors, or says why it cannot. */
  readonly certifies?: Certifies;
  readonly code: readonly CarriedCode[];
  readonly calls: readonly CarriedCalls[];
  /** Whether it computes on libraries, too, or in float32 that float64 corrects or judges. */
  readonly isElsewhere: boolean;
  /** What it computes in by itself, where float64 is there to judge alone. */
  readonly usual?: Precision;
  readonly source: { readonly file: string; readonly text: string; readonly sha256: string };
  readonly compiler: string;
  readonly target: Target;
  /** What the runtime is imported from, or the runtime itself. */
  readonly runtime: { readonly from: string } | StandaloneRuntime;
}

/** The runtime as text, for modules that import nothing: what one problem may need of it. */
export interface StandaloneRuntime {
  /** A script that declares `runtime`, an object of what would be imported. */
  readonly script: string;
  /** The types of the runtime's interface, as a declaration file that imports nothing. */
  readonly types: string;
}

/** Kernels that one or several candidates share; emitted when they are asked for. */
export interface CarriedCode {
  readonly candidates: readonly string[];
  readonly precision: Precision;
  readonly code: () => CandidateCode;
}

/** The same as calls on the kernels of a library. */
export interface CarriedCalls {
  readonly candidates: readonly string[];
  readonly library: Library;
  readonly calls: () => CandidateCalls;
}

export interface EmittedFile {
  /** What stands behind the module's name: `.ts`, `.js`, `.d.ts`. */
  readonly ending: string;
  readonly lines: readonly Line[];
}

const exported = ['describe', 'plan', 'bind', 'solve', 'hypergradient', 'evaluate', 'verify'] as const;

/** What of the runtime makes each export; with the declared names where it gives values under them. */
const makers: Readonly<Record<(typeof exported)[number], { readonly by: string; readonly types: readonly string[] }>> = {
  describe: { by: 'describeOf', types: [] },
  plan: { by: 'planOf', types: [] },
  bind: { by: 'bindOf', types: ['Data', 'Hyper', 'Param', 'Report', 'Refit', 'Chosen'] },
  solve: { by: 'solveOf', types: ['Data', 'Hyper', 'Param', 'Report', 'Refit', 'Chosen'] },
  hypergradient: { by: 'hypergradientOf', types: ['Data', 'Hyper', 'Param', 'Report'] },
  evaluate: { by: 'evaluateOf', types: ['Data', 'Hyper', 'Param', 'Report'] },
  verify: { by: 'verifyOf', types: ['Data', 'Hyper'] },
};

/** `Problem<…>`, or another type of the runtime, with those of the names that this problem has. */
function typed(name: string, wanted: readonly string[], description: ProblemDescription): string {
  const names = typeNames(description).slice(0, wanted.length);
  return names.length === 0 ? name : `${name}<${names.join(', ')}>`;
}

const problemType = (description: ProblemDescription): string => typed('Problem', typeNames(description), description);

const words: Readonly<Record<(typeof exported)[number], string>> = {
  describe: 'The problem as data: declarations, plan, the page’s digest, the compiler’s version.',
  plan: 'What is chosen at sizes such as `{ n: 442 }`, and the verdict on every candidate.',
  bind: 'Checks and copies data, and keeps what depends on them alone from one call to the next, until `close`.',
  solve: 'Solves the problem. Rejects with `ProblemError`; an aborted signal is one of its statuses.',
  hypergradient: 'Criterion and hypergradient at the declared starts, or at the hypers given, with an estimate of its error.',
  evaluate: 'The criterion, params and reports at the declared starts, or at the hypers given.',
  verify: 'Compares every strategy that the module carries, and finite differences.',
};

export function emitModule(request: ModuleRequest): readonly EmittedFile[] {
  return request.target === 'ts'
    ? [{ ending: '.ts', lines: moduleLines(request, true) }]
    : [
        { ending: '.js', lines: moduleLines(request, false) },
        { ending: '.d.ts', lines: declarationLines(request) },
      ];
}

const plain = (text: string): readonly Line[] => text.split('\n').map((line) => ({ text: line }));

function header({ source, compiler, description }: ModuleRequest): readonly Line[] {
  const doc = (description.doc ?? '').split('\n').filter((line) => line.trim() !== '');
  const made = `Compiled by bilevel ${compiler} from ${source.file}: change that page, and compile it again.`;
  return [
    { text: '/**' },
    ...doc.map((line) => ({ text: ` * ${safeInComment(line.trim())}` })),
    ...(doc.length === 0 ? [] : [{ text: ' *' }]),
    { text: ` * ${safeInComment(made)}` },
    { text: ' */' },
  ];
}

function moduleLines(request: ModuleRequest, isTyped: boolean): readonly Line[] {
  const { description, plan, certifies, source, compiler, runtime } = request;
  const types = isTyped ? ['ModuleCode', 'Problem', ...usedTypes(description)].sort().map((name) => `type ${name}`) : [];
  const parts = runtimeParts(request);
  const curved = curvedKinds(description);
  const literal = (value: unknown): string => printLiteral(value, 2);
  const kernels = request.code.map(
    ({ code }, i) => `\n/** Kernels in WebAssembly with their table, deflated. */\nconst kernels${i} = '${pack(code())}';`,
  );
  const calls = request.calls.map(
    ({ library, calls: emit }, i) => `\n/** Calls on the kernels of ${library}, deflated. */\nconst calls${i} = '${packCalls(emit())}';`,
  );
  const entries = codeEntries(request);
  const libraries = librariesOf(request);
  return [
    ...header(request),
    ...runtimeLines([...exported.map((name) => makers[name].by), ...Object.values(parts).flat(), 'unpack'], types, runtime),
    ...('from' in runtime ? libraries.flatMap((library) => plain(`import { ${library} } from '${runtime.from}/${library}';`)) : []),
    ...(isTyped ? printInterfaces(description) : []),
    ...plain(
      [
        ...kernels,
        ...calls,
        '',
        `const code${isTyped ? ': ModuleCode' : ''} = {`,
        `  compiler: ${literal(compiler)},`,
        `  source: ${literal({ file: source.file, sha256: source.sha256, lines: lineStarts(source.text) })},`,
        `  description: ${literal(description)},`,
        `  plan: ${literal(plan)},`,
        ...(certifies === undefined ? [] : [`  certifies: ${literal(certifies)},`]),
        '  code: {',
        ...entries,
        '  },',
        ...parts.otherLink.map((name) =>
          libraries.length === 0
            ? `  otherLink: ${name},`
            : `  otherLink: ${name}([${libraries.map((library) => libraryEntry(request, library)).join(', ')}]),`,
        ),
        ...(request.usual === undefined ? [] : [`  usual: '${request.usual}',`]),
        `  outerMethods: [${parts.outerMethods.join(', ')}],`,
        ...(parts.doubts.length === 0 ? [] : [`  doubts: [${parts.doubts.join(', ')}],`]),
        ...(curved.length === 0 ? [] : [`  curvedKinds: { ${curved.map(([kind, name]) => `${kind}: ${name}`).join(', ')} },`]),
        ...parts.adapt.map((name) => `  adapt: ${name},`),
        ...(parts.remarks.length === 0 ? [] : [`  remarks: [${parts.remarks.join(', ')}],`]),
        ...[
          ...parts.byDifferences,
          ...parts.brokenSolve,
          ...parts.certify,
          ...parts.inFloat32,
          ...parts.drawnStart,
          ...parts.iterative,
          ...parts.wholeOf,
          ...parts.shortOfMemory,
          ...parts.weigh,
          ...parts.binding,
        ].map((name) => `  ${name},`),
        '};',
      ].join('\n'),
    ),
    ...exported.flatMap((name) => [
      { text: '' },
      { text: `/** ${words[name]} */` },
      {
        text: `export const ${name} = /* @__PURE__ */ ${isTyped ? typed(makers[name].by, makers[name].types, description) : makers[name].by}(code);`,
        from: description.outerSpan,
      },
    ]),
    { text: '' },
    ...(isTyped
      ? [{ text: `const compiled: ${problemType(description)} = { ${exported.join(', ')} };` }, { text: 'export default compiled;' }]
      : [{ text: `export default { ${exported.join(', ')} };` }]),
    { text: '' },
  ];
}

/** Whether nothing in it is solved in steps, of which there could be too few. */
const isDirect = ({ strategy, innerSolver, drive }: Candidate): boolean =>
  innerSolver === 'closed_form' && (strategy === 'closed_form' || drive === 'differences');

/** Kinds of its hypers, each with the coordinates in which it is searched, of those that are handed in. */
const curvedKinds = ({ hypers }: ProblemDescription): readonly (readonly [string, string])[] =>
  (
    [
      ['unit', 'logits'],
      ['simplex', 'softmax'],
      ['choice', 'freeLogits'],
    ] as const
  ).filter(([kind]) => hypers.some((h) => h.kind === kind));

/** The parts of the runtime that this problem names, by the fields of the code in which they are handed in. */
function runtimeParts({ description, plan, certifies, code, calls, isElsewhere }: ModuleRequest) {
  const isByDifferences = plan.candidates.some((c) => c.drive === 'differences' && c.strategy === plan.asked.strategy);
  const isIterative = plan.candidates.some(({ tolerances }) => tolerances !== undefined);
  return {
    outerMethods: [description.outer.name],
    doubts: [
      ...(plan.candidates.every(isDirect) ? [] : ['shortSolves']),
      ...(description.composite === undefined ? [] : ['nearKinks']),
      ...(description.composite !== undefined && description.meaning === 'recipe' ? ['movedStarts'] : []),
      ...(plan.candidates.some(approximates) ? ['approximations'] : []),
      ...(isElsewhere ? ['givenWay'] : []),
    ],
    remarks: description.mayFallShort === undefined ? [] : ['shortRecipes'],
    byDifferences: isByDifferences ? ['byDifferences'] : [],
    brokenSolve: plan.candidates.every(isDirect) ? [] : ['brokenSolve'],
    certify: certifies === undefined ? [] : ['certify'],
    otherLink: calls.length > 0 ? ['otherBackends'] : isElsewhere ? ['otherPrecisions'] : [],
    unpackCalls: calls.length > 0 ? ['unpackCalls'] : [],
    inFloat32: isElsewhere || code.some(({ precision }) => precision !== 'f64') ? ['inFloat32'] : [],
    drawnStart: description.outer.options['starts'] === undefined ? [] : ['drawnStart'],
    iterative: isIterative ? ['iterative'] : [],
    adapt: description.outer.options.resample === true ? ['resampled'] : isIterative ? ['adaptive'] : [],
    wholeOf: relaxedHypers(description).length === 0 ? [] : ['wholeOf'],
    shortOfMemory: plan.candidates.some((c) => c.conditions.some(({ isMemory }) => isMemory)) ? ['shortOfMemory'] : [],
    curved: curvedKinds(description).map(([, name]) => name),
    weigh: plan.candidates.some(({ cost }) => cost !== undefined) ? ['weigh'] : [],
    binding: bindingParts(description),
  };
}

function runtimeLines(names: readonly string[], types: readonly string[], runtime: ModuleRequest['runtime']): readonly Line[] {
  if ('from' in runtime)
    return plain(['import {', ...[...names, ...types].map((name) => `  ${name},`), `} from '${runtime.from}';`].join('\n'));
  const all = [...names, 'ProblemError'].map((name) => `  ${name},`);
  return plain(
    ['', 'const {', ...all, '} = (() => {', runtime.script.trim(), 'return runtime;', '})();', 'export { ProblemError };'].join('\n'),
  );
}

/** Candidates that share kernels name the same ones. */
function codeEntries({ code }: ModuleRequest): readonly string[] {
  const byCandidate = new Map<string, string[]>();
  code.forEach(({ candidates, precision }, i) => {
    for (const id of candidates) byCandidate.set(id, [...(byCandidate.get(id) ?? []), `${precision}: () => unpack(kernels${i})`]);
  });
  return [...byCandidate].map(([id, own]) => `    ${printKey(id)}: { ${own.join(', ')} },`);
}

const librariesOf = ({ calls }: ModuleRequest): readonly Library[] => [...new Set(calls.map(({ library }) => library))];

/** A library as a part, with the calls of each candidate on it. */
function libraryEntry({ calls }: ModuleRequest, library: Library): string {
  const own = calls.flatMap(({ candidates, library: of }, i) =>
    of === library ? candidates.map((id) => `${printKey(id)}: () => unpackCalls(calls${i})`) : [],
  );
  return `{ part: ${library}, calls: { ${own.join(', ')} } }`;
}

function declarationLines(request: ModuleRequest): readonly Line[] {
  const { description, runtime } = request;
  const types = ['Problem', ...usedTypes(description)].sort().join(', ');
  return [
    ...header(request),
    ...('from' in runtime ? [{ text: `import type { ${types} } from '${runtime.from}';` }] : []),
    ...printInterfaces(description),
    ...exported.flatMap((name) => [
      { text: '' },
      { text: `/** ${words[name]} */` },
      { text: `export declare const ${name}: ${problemType(description)}['${name}'];`, from: description.outerSpan },
    ]),
    { text: '' },
    { text: `declare const compiled: ${problemType(description)};` },
    { text: 'export default compiled;' },
    { text: '' },
    ...('from' in runtime ? [] : plain(runtime.types)),
  ];
}

/** Where the lines of a text begin: offsets in UTF-16. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
