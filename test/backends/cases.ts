/** A reference problem on a library's backend: how far its hypergradients are from those of the reference's stages, in Node and in a page alike. */
import { compile } from '../../compiler/pipeline.ts';
import type { Library } from '../../plan/placement.ts';
import type { OpenDevice } from '../../runtime/backends/calls/library.ts';
import { bindData, type DataSources } from '../../runtime/data/files.ts';
import { gradient } from '../../runtime/drive.ts';
import { everyBindingPart } from '../helpers/binding.ts';

/** What float32 cannot do says so: here by a condition number of 1e10. */
export const beyondFloat32: Readonly<Record<string, string>> = { quadratic_cond_1e10: 'not-positive-definite' };

interface Page {
  readonly file: string;
  readonly text: string;
}

/** Compiled, bound, and differentiated by the reference: once for all backends that are compared with it. */
async function prepared({ file, text }: Page, sources: DataSources) {
  const [problem] = compile(text, file).value;
  if (problem === undefined) throw new Error(`${file} has no problem`);
  const { module } = problem;
  const { bound } = await bindData(module.description, sources, 0, everyBindingPart);
  if (bound === undefined) throw new Error('not bound');
  const expected = await gradient(module, bound);
  if (!expected.ok) throw new Error(JSON.stringify(expected));
  return { problem, bound, expected: expected.value.hypergradient };
}

const known = new Map<string, ReturnType<typeof prepared>>();

/** ‖found − expected‖ / ‖expected‖, the largest of all hypers; the status where there is none. */
export async function hypergradientError(page: Page, sources: DataSources, library: Library, opened: OpenDevice): Promise<number | string> {
  const preparing = known.get(page.file) ?? prepared(page, sources);
  known.set(page.file, preparing);
  const { problem, bound, expected } = await preparing;
  const link = opened.link((candidate) => problem.calls(candidate, library));
  const found = await gradient({ ...problem.module, link }, bound);
  if (!found.ok) return found.status;
  const errors = Object.entries(expected).map(([hyper, { data }]) => {
    const vector = found.value.hypergradient[hyper]?.data ?? [];
    return Math.hypot(...data.map((x, i) => x - (vector[i] ?? Number.NaN))) / Math.hypot(...data);
  });
  return Math.max(...errors);
}
