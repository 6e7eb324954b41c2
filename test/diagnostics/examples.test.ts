/** Every row of the catalogue shows a text that earns it: here each is run, with the files that it speaks of. */
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { catalogue, type CatalogueRow } from '../../diagnostics/catalogue.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Executor, Linked, ProblemModule } from '../../plan/types.ts';
import { BoundToData } from '../../runtime/bound.ts';
import { checkOptions, solveRules } from '../../runtime/call-options.ts';
import { drawAll } from '../../runtime/draws.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { run } from '../../runtime/drive.ts';
import { ProblemError } from '../../runtime/problem-error.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { bilevel, folderWith } from '../cli/harness.ts';
import { executorOf } from '../runtime/modules.ts';
import { hostHere } from '../../runtime/backends/wasm/threads.ts';
import { candidateOf } from '../wasm/runtime/code.ts';

interface Circumstance {
  /** Files beside the page. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The page that a row speaks of whose example is a command or a single line. */
  readonly page?: string;
  /** Default: `check` for what the compiler finds, `gradient` for what data and numbers do. */
  readonly command?: readonly string[];
}

const simple = (lines = ''): string => `problem p {
  hyper penalty: positive
  param w: []
  inner minimize (w - 1)^2 + penalty * w^2
  outer minimize (w - 0.4)^2
${lines}}
`;

/** A criterion of t itself, by way of w* = t. */
const byHyper = (type: string, criterion: string, lines = ''): string => `problem p {
  hyper t: ${type}
  param w: []
  inner minimize (w - t)^2
  outer minimize ${criterion}
${lines}}
`;

const rows = (count: number, columns: number): string =>
  Array.from(
    { length: count },
    (_, i) => Array.from({ length: columns }, (_, j) => String(((7 * i + 3 * j) % 11) - 5)).join(',') + '\n',
  ).join('');

/** An NPY file whose elements are strings of three characters. */
function textArray(): Uint8Array {
  const header = "{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }";
  const padded = header.padEnd(118 - 1 - 0, ' ') + '\n';
  const bytes = new Uint8Array(10 + padded.length + 12);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  bytes.set(new TextEncoder().encode(padded), 10);
  return bytes;
}

const circumstances: Readonly<Record<string, Circumstance>> = {
  BL2051: { files: { 'kernels.bilevel': 'fn smooth(x: []): [] = x^2\n' } },
  BL2052: { files: { 'circle.bilevel': 'import { smooth } from "./circle.bilevel"\n' } },
  BL5010: { command: ['gradient'] },
  BL5011: { command: ['gradient'] },
  BL5012: { command: ['gradient'] },
  BL6033: { files: { 'X.csv': '1,1000\n2,-4000\n4,3000\n', 'y.csv': '1\n2\n3\n' } },
  BL6034: { files: { 'y.csv': 'species\niris\nrose\niris\n' } },
  BL6035: { files: { 'y.csv': 'species\niris\nrose\niris\n', 'z.csv': 'kind\nrose\nrose\n' } },
  BL6036: { files: { 'x.csv': rows(8, 1), 'y.csv': '0\n0\n0\n0\n1\n1\n1\n1\n' } },
  BL6037: { files: { 'y.csv': 'species\niris\nrose\nNA\niris\n' } },
  BL7006: { page: simple('  solve inner with gd(rate = 0.1, steps = 10)\n') },
  BL8022: { command: ['run'] },
  BL8025: { command: ['run'] },
  BL6003: { files: { 'y.xlsx': 'PK' } },
  BL6004: { files: { 'y.csv': 'age,progression\n1,2\n3,4\n' } },
  BL6005: { files: { 'y.csv': '1.5\nhigh\n' } },
  BL6002: { files: { 'folder.csv/inside.txt': '' } },
  BL6006: { files: { 'y.csv': '1,2,3\n4,5\n' } },
  BL6007: { files: { 'y.csv': '1,,3\n' } },
  BL6008: { files: { 'y.csv': '1.5\nnan\n' } },
  BL6009: { files: { 'y.json': '[1, 2' } },
  BL6010: { files: { 'study.npz': zipSync({ 'age.npy': textArray(), 'bmi.npy': textArray() }) } },
  BL6011: { files: { 'X.csv': '1,2\n3,4\n' } },
  BL6012: { files: { 'X.csv': rows(12, 9), 'y.csv': rows(12, 1) } },
  BL6013: { files: { 'x.csv': rows(100, 1), 'y.csv': rows(99, 1) } },
  BL6014: { files: { 'y.csv': rows(3, 1) } },
  BL6015: { files: { 'y.csv': '1\n0\n' } },
  BL6018: { files: { 'y.csv': '1\n2\n' } },
  BL6021: { files: { 'labels.npy': textArray() } },
  BL6022: { files: { 'empty.csv': '' } },
  BL6026: { files: { 'y.csv': 'yes\nno\nyes\n' } },
  BL6027: { files: { 'y.csv': 'species\niris\nrose\nIris\n' } },
  BL6028: { files: { 'x.csv': '1\n2\n' } },
  BL6029: { files: { 'a.csv': '1\n2\n3\n', 'g.csv': '0\n1\n7\n' } },
  BL6030: { files: { 'y.csv': rows(4, 1) } },
  BL6031: { files: { 'y.csv': `${'0\n'.repeat(40)}${'1\n'.repeat(20)}` } },
  BL6032: { files: { 'y.csv': rows(3, 1) } },
  BL8002: { files: { 'X.csv': rows(2, 3), 'y.csv': '1\n2\n' } },
  BL8007: { files: { 'X.csv': rows(12, 5), 'y.csv': rows(12, 1) } },
  BL8008: { page: simple('  solve outer with gd(rate = 1e-6, steps = 10, tolerance = 1e-9)\n'), command: ['run'] },
  BL8009: { page: simple('  solve inner with gd(rate = 0.1, steps = 10)\n') },
  BL8018: { command: ['gradient', '--certify'] },
  // Values on one side of t = 0 only.
  BL8010: { page: byHyper('real = 0.0', 'sqrt(w)') },
  // No value where t < 0, which some drawn starts are.
  BL8012: { page: byHyper('real = 1.0', 'log(w)^2', '  solve outer with lbfgs(starts = 8)\n'), command: ['run'] },
  // Falls towards t = 0.9, below which there is no value.
  BL8013: { page: byHyper('real = 1.0', 'if w > 0.9 then w else log(w - 5)') },
  // A kink at the point itself: differences see the mean of its two slopes.
  BL9008: { page: byHyper('real = 0.5', 'if w >= 0.5 then w - 0.5 else 0') },
  // Somebody's own.
  BL9010: { files: { 'page.d.bilevel.ts': 'export {};\n' } },
};

/** What a page cannot say, because its check refuses it, a caller of the runtime can. */
const byCallers: Readonly<Record<string, () => Promise<readonly Diagnostic[]>>> = {
  BL6024: async () => {
    const { description } = moduleOf(simple());
    const params = description.params.map((param) => ({ ...param, distribution: { name: 'uniform', arguments: [1, 0] } as const }));
    return (await bindData({ ...description, params }, nodeSources(), 0, { drawAll })).diagnostics;
  },
  BL8011: async () => {
    const module = moduleOf(simple());
    const description = { ...module.description, outer: { name: 'adam', options: { rate: -0.1 } } };
    const outcome = await run({ ...module, description }, { slots: {}, sizes: {} });
    return outcome.ok ? [] : outcome.diagnostics;
  },
  BL9011: () => refused(() => checkOptions(source, { onstep: () => undefined }, solveRules)),
  BL9012: () => {
    const module = moduleOf(simple());
    const { description, plan } = module;
    const code = { description, plan, compiler: '', source, code: {}, outerMethods: [] };
    const bound = new BoundToData({ code, module, data: { slots: {}, sizes: {} }, options: {}, warnings: [] });
    bound.close();
    return refused(() => bound.solve());
  },
  BL7003: async () => {
    const link = wasmLink(() => candidateOf('f64', 64));
    const outcome = await run({ ...moduleOf(simple()), link }, { slots: {}, sizes: { n: 2 ** 30 } });
    return outcome.ok ? [] : outcome.diagnostics;
  },
  BL7005: async () => {
    const link = wasmLink(() => candidateOf('f64', 64), { fused: true, host: { ...hostHere(), canFuse: false } });
    const outcome = await run({ ...moduleOf(simple()), link }, { slots: {}, sizes: { n: 2 } });
    return outcome.ok ? [] : outcome.diagnostics;
  },
  BL7004: async () => {
    const module = moduleOf('problem p {\n  dim n\n  data k: int[n]\n' + simple().slice('problem p {\n'.length));
    const executor = executorOf(() => ({}));
    const describe: Executor['describe'] = () => ({ ...executor.describe(), precision: 'f32' });
    const data = { 'data:k': { shape: [2], data: Float64Array.of(1, 2 ** 24 + 2) } };
    const link = (): Promise<Linked> => Promise.resolve({ ok: true, executor: { ...executor, describe } });
    const outcome = await run({ ...module, link }, { slots: data, sizes: { n: 2 } });
    return outcome.ok ? [] : outcome.diagnostics;
  },
};

const source = { file: 'page.bilevel', sha256: '', lines: [0] };

/** What a call is refused for. */
async function refused(call: () => unknown): Promise<readonly Diagnostic[]> {
  try {
    await call();
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return error.diagnostics;
    throw error;
  }
}

function moduleOf(page: string): ProblemModule {
  const [problem] = compile(page, 'page.bilevel').value;
  if (problem === undefined) throw new Error('the page does not compile');
  return problem.module;
}

const codesIn = (document: Record<string, unknown>): readonly string[] =>
  ((document['diagnostics'] ?? []) as { code: string }[]).map((d) => d.code);

async function codesOf(row: CatalogueRow): Promise<readonly string[]> {
  const byCaller = byCallers[row.code];
  if (byCaller !== undefined) return (await byCaller()).map((d) => d.code);
  const { files = {}, page, command } = circumstances[row.code] ?? {};
  const [first = '', ...rest] = row.example.trim().split(/\s+/u);
  if (first === 'bilevel') {
    const folder = folderWith({ ...files, 'page.bilevel': page ?? simple() });
    try {
      const words = rest.map((word) => (word.endsWith('.bilevel') && !word.startsWith('no-such') ? folder.path('page.bilevel') : word));
      return codesIn((await bilevel([...words, '--json'])).json());
    } finally {
      folder.remove();
    }
  }
  const folder = folderWith({ ...files, 'page.bilevel': page ?? row.example });
  try {
    const isStatic = /^BL[1-5]/u.test(row.code);
    return codesIn((await bilevel([...(command ?? [isStatic ? 'check' : 'gradient']), folder.path('page.bilevel'), '--json'])).json());
  } finally {
    folder.remove();
  }
}

describe('the example of', () => {
  it.each(catalogue.map((row) => [row.code, row.slug, row] as const))('%s (%s) earns it', async (code, _, row) => {
    expect(await codesOf(row)).toContain(code);
  });
});
