/** Each BL2xxx and BL3xxx row's example earns exactly its code. */
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../diagnostics/catalogue.ts';
import * as levels from '../../diagnostics/levels.ts';
import * as names from '../../diagnostics/names.ts';
import { codes, lower } from './harness.ts';

/** Pages that examples import. */
const others = {
  'kernels.bilevel': 'fn smooth(x: []): [] = x^2',
  'circle.bilevel': 'import { smooth } from "./circle.bilevel"',
};

const rows = [...rowsOf(names), ...rowsOf(levels)];

describe('the catalogue of names, shapes and levels', () => {
  it.each(rows.map((row) => [row.code, row.example] as const))('%s: its example earns it and nothing else', (code, example) => {
    expect(codes(example, others)).toEqual([code]);
  });

  it.each(rows.map((row) => [row.code, row.example] as const))('%s: says where', (_code, example) => {
    const [diagnostic] = lower(example, others).diagnostics;
    expect(diagnostic?.span?.end).toBeGreaterThan(diagnostic?.span?.start ?? Infinity);
    expect(diagnostic?.message).not.toMatch(/undefined|\[object/u);
  });
});
