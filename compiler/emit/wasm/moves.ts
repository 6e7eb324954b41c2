/** Copies from place to place. */
import { literal, subtract, type Poly } from '../../ir/dims.ts';
import type { FunctionBuilder } from './assembler.ts';
import { isSamePlace, type EmitContext, type Location } from './context.ts';
import { memory } from './instructions.ts';

export interface Move {
  readonly to: Location;
  readonly from: Location;
  readonly elements: Poly;
}

export function copy(context: EmitContext, f: FunctionBuilder, { to, from, elements }: Move): void {
  if (isSamePlace(to, from)) return;
  f.do(memory.copy(context.address(to), context.address(from), context.bytes(elements)));
}

/** Whether writing to one may change what is read from the other: parts of one buffer may be apart, where their sizes are known. */
function mayOverlap(to: Location, from: Location, written: Poly, read: Poly): boolean {
  if (to.buffer !== from.buffer) return false;
  const apart = literal(subtract(from.offset, to.offset));
  const [w, r] = [literal(written), literal(read)];
  if (apart === undefined || w === undefined || r === undefined) return true;
  return apart < w && -apart < r;
}

/**
 * Moves as if at once: what another one writes over is read before, and a ring of them is opened by putting one aside. Buffers may be
 * shared: values that are joined are parts of one.
 */
export function moveAtOnce(context: EmitContext, f: FunctionBuilder, moves: readonly Move[]): void {
  const isInTheWay = (move: Move, other: Move): boolean => other !== move && mayOverlap(move.to, other.from, move.elements, other.elements);
  const aside = new Set<number>();
  let waiting = moves.filter(({ to, from }) => !isSamePlace(to, from));
  while (waiting.length > 0) {
    const free = waiting.find((move) => !waiting.some((other) => isInTheWay(move, other)));
    if (free !== undefined) {
      copy(context, f, free);
      waiting = waiting.filter((move) => move !== free);
      continue;
    }
    // Once all sources are aside, nothing is in the way of anything.
    const first = waiting.find((move) => !aside.has(move.from.buffer));
    waiting = waiting.map((move) => {
      if (move !== first) return move;
      const place = context.place(context.buffer({ elements: move.elements, what: 'what is moved aside' }));
      aside.add(place.buffer);
      copy(context, f, { ...move, to: place });
      return { ...move, from: place };
    });
  }
}
