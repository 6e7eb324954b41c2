/** Whatever an expression says, the answer is a value or diagnostics: never an exception, and never silence. */
import { describe, expect, it } from 'vitest';
import { library } from '../../compiler/lower/library/table.ts';
import { lower, stream } from '../lower/harness.ts';

const atoms = [
  'x',
  'y',
  'A',
  'S',
  'g',
  'w',
  'a',
  'n',
  'd',
  'h',
  'train',
  '1',
  '2',
  '-1',
  '0.5',
  '0',
  'v',
  'nothing',
  '[1, 2, 3]',
  '(x > 0)',
  '(g == 1)',
  'x[train]',
  'eye(d)',
];
const operators = ['+', '-', '*', '/', '@', '^', '<', '==', 'and', 'or'];
const functions = Object.keys(library);

/** A random expression; `depth` bounds its height. */
function expression(random: () => number, depth: number): string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(((random() + 1) / 2) * items.length) % items.length] as T;
  const inner = (): string => expression(random, depth - 1);
  if (depth === 0) return pick(atoms);
  const forms: readonly (() => string)[] = [
    () => pick(atoms),
    () => `(${inner()} ${pick(operators)} ${inner()})`,
    () => `(${inner()} ${pick(operators)} ${inner()})`,
    () => `(-${inner()})`,
    () => `(not ${inner()})`,
    () => `(${inner()}).T`,
    () => `(if ${inner()} then ${inner()} else ${inner()})`,
    () => `(${inner()})[${inner()}]`,
    () => `(${inner()})[${inner()} .. ${inner()}]`,
    () => `(${inner()})[:, ${inner()}]`,
    () => `[${inner()}, ${inner()}]`,
    () => `[${inner()} + t for t in ${inner()}]`,
    () => `[${inner()} * t for t in ${inner()} .. ${inner()}]`,
    () => `(scan v = ${inner()} over t in ${inner()} { v * ${inner()} + t })`,
    () => `${pick(functions)}(${inner()})`,
    () => `${pick(functions)}(${inner()}, ${inner()})`,
    () => `${pick(functions)}(${inner()}, axis = ${pick(['0', '1', '-1', '[0, 1]', 'n'])})`,
    () => `${pick(functions)}(${inner()}, ${inner()}, ${inner()})`,
    () => `f(${inner()})`,
    () => `pairs(${inner()}, ${inner()})`,
  ];
  return pick(forms)();
}

const page = (text: string): string => `
fn pairs(p: [k], q: [k]): [2 * k] = concat(p, q)
problem t {
  dim n, m, d, h = 8
  data x: [n]
  data y: [m]
  data A: [n, d]
  data S: [d, d]
  data g: int[n]
  split n into train 50%, valid 50%, seed 1
  hyper a: positive
  param w: [d]
  fn f(p: [r, s]): [s] = sum(p, axis = 0) + a
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
  report r = ${text}
}`;

describe('lowering is total', () => {
  it.each(Array.from({ length: 30 }, (_, i) => i + 1))('for the random expressions of seed %i', (seed) => {
    const random = stream(seed * 7919);
    for (let i = 0; i < 60; i++) {
      const text = expression(random, 1 + (i % 3));
      let found;
      try {
        found = lower(page(text));
      } catch (error) {
        throw new Error(`${text}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, { cause: error });
      }
      const lowered = found.programs[0]?.reports.length === 1;
      expect([text, lowered || found.diagnostics.length > 0]).toEqual([text, true]);
      for (const d of found.diagnostics) expect(d.message).not.toMatch(/undefined|NaN|\[object/u);
    }
  });
});
