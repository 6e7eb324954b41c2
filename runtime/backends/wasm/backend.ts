/**
 * The backend `wasm`: binds compiled stages to sizes. Lays them out, says so if they do not fit, decides on threads, takes the memory.
 * Needs nothing of the compiler but the code that it made.
 */
import { cannotFuse, doesNotFit } from '../../../diagnostics/backend.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { CandidateCode } from '../../../plan/kernels.ts';
import type { Linked, ProblemModule } from '../../../plan/types.ts';
import { wasmExecutor } from './executor.ts';
import { type Compiler, compilerOf } from './instance.ts';
import { layOut, type Layout } from './layout.ts';
import { mostBytes, takeMemory } from './memory.ts';
import { chooseThreads, hostHere, type ThreadHost } from './threads.ts';

export interface WasmOptions {
  /** Default `auto`: as many as there are cores, if there is a kernel that is worth it. */
  readonly threads?: number | 'auto';
  /**
   * Products are added to sums in one rounding, which is faster and closer; refused where the host cannot. Default: in two, which gives
   * the same bits on every host.
   */
  readonly fused?: boolean;
  /** Default: the machine that this runs on. */
  readonly host?: ThreadHost;
}

export function wasmLink(
  codeOf: (candidate: string) => CandidateCode | Promise<CandidateCode>,
  options: WasmOptions = {},
): ProblemModule['link'] {
  // Several folds run one code.
  const compilers: Record<string, Compiler> = {};
  return async (candidate, sizes) => {
    const { threads: asked = 'auto', fused: isFused = false, host = hostHere() } = options;
    if (isFused && !host.canFuse) return { ok: false, diagnostics: [cannotFuse({}, {})] };
    const compiler = (compilers[candidate] ??= compilerOf(await codeOf(candidate)));
    const { code } = compiler;
    const alone = layOut(code, sizes, 1);
    const choice = chooseThreads(asked, mostSharedChunks(alone), host);
    const layout = choice.threads === 1 ? alone : layOut(code, sizes, choice.threads);
    const refused = (why: Why): Linked => ({ ok: false, diagnostics: [misfit(layout, why)] });
    if (layout.bytes > mostBytes) return refused({ limit: mostBytes });
    const taken = takeMemory(layout.bytes, choice.threads > 1);
    return taken.ok
      ? { ok: true, executor: wasmExecutor(compiler, layout, taken.memory, { ...choice, isFused }, host) }
      : refused({ refusal: taken.refusal });
  };
}

type Why = Pick<Parameters<typeof doesNotFit>[1], 'part' | 'limit' | 'refusal'>;

const misfit = ({ bytes, largest }: Layout, why: Why): Diagnostic => doesNotFit({}, { bytes, largest: largest.slice(0, 3), ...why });

/** Why code that is a part of something cannot be linked at these sizes, on any machine. */
export function beyondReach(code: CandidateCode, sizes: Readonly<Record<string, number>>, part: string): Diagnostic | undefined {
  const layout = layOut(code, sizes, 1);
  return layout.bytes > mostBytes ? misfit(layout, { part, limit: mostBytes }) : undefined;
}

/** Chunks of the kernel that has the most of those worth sharing out. */
const mostSharedChunks = ({ tilings }: Layout): number => Math.max(0, ...tilings.map(({ pays, chunks }) => (pays ? chunks : 0)));
