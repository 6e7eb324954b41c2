/**
 * One line on stderr for what takes longer than 0.2 s: redrawn in place on a terminal, else a line every few seconds.
 * Says nothing with `--quiet` or for what is quick.
 */
import type { OuterStep } from '../runtime/types.ts';
import { duration } from '../library/figures.ts';
import { stepWords } from '../library/words.ts';
import type { Session } from './session.ts';

const quick = 200;
const redrawEvery = 100;
const lineEvery = 3000;

export interface Progress {
  /** Words for what is being done from now on, with the time that has passed. */
  phase(text: string): void;
  /** The step, its criterion and gradient norm, and how long it may still take. */
  step(step: OuterStep, total: number | undefined): void;
  /** Steps of an inner solve that takes long, beside what was said of the last outer step. */
  inner(steps: number): void;
  /** Takes the line away, so that what follows begins at the left edge. */
  finish(): void;
}

export function openProgress({ io, quiet, errorColors, width }: Session): Progress {
  const isTerminal = io.stderr.columns !== undefined;
  const start = io.now();
  let last = start;
  let isShown = false;
  const show = (text: string): void => {
    const now = io.now();
    if (quiet || now - start < quick) return;
    if (isShown && now - last < (isTerminal ? redrawEvery : lineEvery)) return;
    last = now;
    isShown = true;
    const line = shortened(text, width - 1);
    io.stderr.write(isTerminal ? `\r${errorColors.dim(line)}\u001b[K` : `${text}\n`);
  };
  let latest: { readonly step: OuterStep; readonly total: number | undefined } | undefined;
  let stop = (): void => undefined;
  return {
    phase: (text) => {
      stop();
      stop = io.repeat(redrawEvery, () => show(`${text}  elapsed ${duration(io.now() - start)}`));
    },
    step: (step, total) => {
      latest = { step, total };
      show(stepLine(step, total, io.now() - start));
    },
    inner: (steps) => {
      const elapsed = io.now() - start;
      const before = latest === undefined ? `elapsed ${duration(elapsed)}` : stepLine(latest.step, latest.total, elapsed);
      show(`${before}  ${steps === 0 ? 'in an inner solve' : `inner step ${steps}`}`);
    },
    finish: () => {
      stop();
      if (isShown && isTerminal) io.stderr.write('\r\u001b[K');
      isShown = false;
    },
  };
}

/** As many of the parts of a line as there is room for; a first part that is too long is cut. */
export function shortened(text: string, room: number): string {
  const parts = text.split('  ');
  while (parts.length > 1 && parts.join('  ').length > room) parts.pop();
  return [...parts.join('  ')].slice(0, room).join('');
}

/** `step 12/100  criterion 0.5321  gradient 1.2e-3  elapsed 2.4 s  left at most 17.6 s`. */
export const stepLine = (...of: Parameters<typeof stepWords>): string => stepWords(...of).join('  ');
