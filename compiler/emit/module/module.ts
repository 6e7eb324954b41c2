/**
 * A problem as a module that people can ship: TypeScript, or JavaScript with a declaration file. The text is data, types and names: what
 * runs is the runtime that it imports and the kernels that it carries. Deterministic: the same page gives the same bytes everywhere.
 */
import type { CandidateCode, Precision } from '../../../plan/kernels.ts';
import type { Plan, ProblemDescription } from '../../../plan/types.ts';
import { printInterfaces, safeInComment, usedTypes, type Line } from './interfaces.ts';
import { printKey, printLiteral } from './literal.ts';
import { pack } from './pack.ts';

export type Target = 'ts' | 'js';

export interface ModuleRequest {
  readonly description: ProblemDescription;
  /** Of the candidates that the module carries. */
  readonly plan: Plan;
  readonly code: readonly { readonly candidates: readonly string[]; readonly precision: Precision; readonly code: CandidateCode }[];
  readonly source: { readonly file: string; readonly text: string; readonly sha256: string };
  readonly compiler: string;
  readonly target: Target;
  /** What the runtime is imported from. */
  readonly runtime: string;
}

export interface EmittedFile {
  /** What stands behind the module's name: `.ts`, `.js`, `.d.ts`. */
  readonly ending: string;
  readonly lines: readonly Line[];
}

const exported = ['describe', 'plan', 'bind', 'solve', 'hypergradient', 'evaluate', 'verify'] as const;

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
  const { description, plan, source, compiler, runtime } = request;
  const types = isTyped ? ['ModuleCode', ...usedTypes(description)].sort().map((name) => `type ${name}`) : [];
  const literal = (value: unknown): string => printLiteral(value, 2);
  const kernels = request.code.map(
    ({ code }, i) => `\n/** Kernels in WebAssembly with their table, deflated. */\nconst kernels${i} = '${pack(code)}';`,
  );
  const entries = codeEntries(request);
  return [
    ...header(request),
    { text: `import { ${['problem', ...types, 'unpack'].join(', ')} } from '${runtime}';` },
    ...(isTyped ? printInterfaces(description) : []),
    ...plain(
      [
        ...kernels,
        '',
        `const code${isTyped ? ': ModuleCode' : ''} = {`,
        `  compiler: ${literal(compiler)},`,
        `  source: ${literal({ file: source.file, sha256: source.sha256, lines: lineStarts(source.text) })},`,
        `  description: ${literal(description)},`,
        `  plan: ${literal(plan)},`,
        '  code: {',
        ...entries,
        '  },',
        '};',
        '',
        `const compiled = problem${isTyped ? '<Data, Hyper, Param, Report>' : ''}(code);`,
      ].join('\n'),
    ),
    ...exported.flatMap((name) => [
      { text: '' },
      { text: `/** ${words[name]} */` },
      { text: `export const ${name} = compiled.${name};`, from: description.outerSpan },
    ]),
    { text: '' },
    { text: 'export default compiled;' },
    { text: '' },
  ];
}

/** Candidates that share kernels name the same ones. */
function codeEntries({ code }: ModuleRequest): readonly string[] {
  const byCandidate = new Map<string, string[]>();
  code.forEach(({ candidates, precision }, i) => {
    for (const id of candidates) byCandidate.set(id, [...(byCandidate.get(id) ?? []), `${precision}: () => unpack(kernels${i})`]);
  });
  return [...byCandidate].map(([id, own]) => `    ${printKey(id)}: { ${own.join(', ')} },`);
}

function declarationLines(request: ModuleRequest): readonly Line[] {
  const { description, runtime } = request;
  const types = ['Problem', ...usedTypes(description)].sort().join(', ');
  const whole = 'Problem<Data, Hyper, Param, Report>';
  return [
    ...header(request),
    { text: `import type { ${types} } from '${runtime}';` },
    ...printInterfaces(description),
    ...exported.flatMap((name) => [
      { text: '' },
      { text: `/** ${words[name]} */` },
      { text: `export declare const ${name}: ${whole}['${name}'];`, from: description.outerSpan },
    ]),
    { text: '' },
    { text: `declare const compiled: ${whole};` },
    { text: 'export default compiled;' },
    { text: '' },
  ];
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
