/** Copies from place to place. */
import type { Poly } from '../../ir/dims.ts';
import type { FunctionBuilder } from './assembler.ts';
import type { EmitContext, Location } from './context.ts';
import { memory } from './instructions.ts';

export interface Move {
  readonly to: Location;
  readonly from: Location;
  readonly elements: Poly;
}

const isSame = (a: Location, b: Location): boolean => a.buffer === b.buffer && a.through === b.through && a.offset.key === b.offset.key;

export function copy(context: EmitContext, f: FunctionBuilder, { to, from, elements }: Move): void {
  if (isSame(to, from)) return;
  f.do(memory.copy(context.address(to), context.address(from), context.bytes(elements)));
}

/** Moves as if at once: what another one writes over is read before, and a ring of them is opened by putting one aside. */
export function moveAtOnce(context: EmitContext, f: FunctionBuilder, moves: readonly Move[]): void {
  let waiting = moves.filter(({ to, from }) => !isSame(to, from));
  while (waiting.length > 0) {
    const free = waiting.find((move) => !waiting.some((other) => other !== move && other.from.buffer === move.to.buffer));
    if (free !== undefined) {
      copy(context, f, free);
      waiting = waiting.filter((move) => move !== free);
      continue;
    }
    waiting = waiting.map((move, i) => {
      if (i > 0) return move;
      const aside = context.place(context.buffer({ elements: move.elements, what: 'what is moved aside' }));
      copy(context, f, { ...move, to: aside });
      return { ...move, from: aside };
    });
  }
}
