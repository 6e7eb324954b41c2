/**
 * What the host computes for a device: pieces of Wasm in float64, functions of their operands. Instances of one size share them, one call at
 * a time, because each has a memory of its own, and hosts give only so many.
 */
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { CandidateCode } from '../../../plan/kernels.ts';
import type { Executor, Tensor } from '../../../plan/types.ts';
import { beyondReach, wasmLink } from '../wasm/backend.ts';
import type { Sizes } from './bind.ts';

/** Pieces at one size; whoever takes them closes them. */
export interface HostPieces {
  readonly call: (piece: number, operands: readonly Tensor[]) => Promise<readonly Tensor[]>;
  readonly close: () => void;
}

/** What of the pieces cannot be had at these sizes, told before anything runs. */
export const misfitsOf = (codes: readonly CandidateCode[], sizes: Sizes): readonly Diagnostic[] =>
  codes.flatMap((code) => beyondReach(code, sizes, 'what the host computes of this') ?? []);

/** Gives the pieces of some code at some sizes, the same to all who ask while one of them has them. */
export function sharedHostPieces(): (codes: readonly CandidateCode[], sizes: Sizes) => HostPieces {
  const shared = new Map<readonly CandidateCode[], Map<string, Shared>>();
  return (codes, sizes) => {
    const bySizes = shared.get(codes) ?? new Map<string, Shared>();
    shared.set(codes, bySizes);
    const key = JSON.stringify(Object.entries(sizes).sort());
    const pieces = bySizes.get(key) ?? new Shared(codes, sizes, () => bySizes.delete(key));
    bySizes.set(key, pieces);
    return pieces.taken();
  };
}

class Shared {
  private readonly codes: readonly CandidateCode[];
  private readonly sizes: Sizes;
  private readonly whenLetGo: () => void;
  private readonly executors = new Map<number, Promise<Executor>>();
  private users = 0;
  /** Ends when the call before has ended. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(codes: readonly CandidateCode[], sizes: Sizes, whenLetGo: () => void) {
    this.codes = codes;
    this.sizes = sizes;
    this.whenLetGo = whenLetGo;
  }

  taken(): HostPieces {
    this.users++;
    return {
      call: (piece, operands) => {
        const result = this.turn.then(() => this.run(piece, operands));
        this.turn = result.catch(() => undefined);
        return result;
      },
      close: () => {
        this.users--;
        if (this.users > 0) return;
        this.whenLetGo();
        for (const executor of this.executors.values())
          void executor.then(
            (open) => open.close(),
            // Whoever called was told that it could not be linked.
            () => undefined,
          );
        this.executors.clear();
      },
    };
  }

  private async run(piece: number, operands: readonly Tensor[]): Promise<readonly Tensor[]> {
    const linked = this.executors.get(piece) ?? this.link(piece);
    this.executors.set(piece, linked);
    const executor = await linked;
    executor.put(Object.fromEntries(operands.map((tensor, i) => [String(i), tensor])));
    await executor.run('value');
    return Promise.all(executor.results('value').map((slot) => executor.read(slot)));
  }

  private async link(piece: number): Promise<Executor> {
    const code = this.codes[piece];
    if (code === undefined) throw new InternalError('calls', `the host has no code ${piece}`);
    const linked = await wasmLink(() => code, { threads: 1 })(String(piece), this.sizes);
    // As a host says it that gives no more: a piece takes its memory when it is first called.
    if (!linked.ok) throw new RangeError(linked.diagnostics.map(({ message }) => message).join('; '));
    return linked.executor;
  }
}
