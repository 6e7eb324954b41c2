/** Kernels in as few bytes as can be, as modules carry them: they compute the same to the last bit, and are as valid. */
import { readFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { compile } from '../../compiler/pipeline.ts';
import { shrink } from '../../compiler/emit/wasm/shrink.ts';
import { fuse } from '../../runtime/backends/wasm/multiply-add.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { gradient } from '../../runtime/drive.ts';
import { quickTravellers } from '../helpers/examples.ts';

describe.each(quickTravellers)('the kernels of $name', ({ page }) => {
  const [problem] = compile(readFileSync(page, 'utf8'), page).value;
  const { module, code } = given(problem);
  const candidates = module.plan.candidates.filter((c) => !c.checkingOnly && c.conditions.length === 0).map((c) => c.id);

  it.each(candidates)('in %s are smaller, valid, and fuse as the others do', (candidate) => {
    const [whole, small] = [code(candidate, 'f64'), code(candidate, 'f64', { small: true })];
    expect(small.wasm.length).toBeLessThan(whole.wasm.length);
    expect(small.multiplyAddsAt.length).toBe(whole.multiplyAddsAt.length);
    fuse(small.wasm.slice(), small.multiplyAddsAt);
    const read = binaryen.readBinary(small.wasm);
    read.setFeatures(binaryen.Features.All);
    expect(read.validate()).toBe(1);
    read.dispose();
  });

  it('give the same bits', async () => {
    const { bound } = await bindData(module.description, nodeSources());
    const result = async (small: boolean): Promise<unknown> => {
      const link = wasmLink((candidate) => code(candidate, 'f64', { small }), { threads: 1 });
      const outcome = await gradient({ ...module, link }, given(bound));
      if (!outcome.ok) throw new Error(outcome.status);
      const { outer, hypergradient, error, param } = outcome.value;
      return { outer, hypergradient, error, param };
    };
    expect(await result(true)).toEqual(await result(false));
  });
});

describe('a function made smaller', () => {
  const [get, set, tee, end] = [0x20, 0x21, 0x22, 0x0b];
  const small = (bytes: readonly number[], locals: number, params = 0): { bytes: readonly number[]; locals: number } => {
    const body = shrink({ params, locals: Array.from({ length: locals }, () => 'i32' as const), bytes: Uint8Array.from(bytes), marks: [] });
    return { bytes: [...body.bytes], locals: body.locals.length };
  };
  const one = [0x41, 1];
  const drop = 0x1a;

  it('keeps what is used at once on the stack', () => {
    expect(small([...one, set, 0, get, 0, drop], 1)).toEqual({ bytes: [...one, drop], locals: 0 });
    expect(small([...one, set, 0, get, 0, drop, get, 0, drop], 1)).toEqual({ bytes: [...one, tee, 0, drop, get, 0, drop], locals: 1 });
  });

  it('shares a local between lives that do not meet', () => {
    const use = (local: number): number[] => [...one, set, local, ...one, drop, get, local, drop];
    expect(small([...use(0), ...use(1), ...use(2)], 3)).toEqual({ bytes: [...use(0), ...use(0), ...use(0)], locals: 1 });
  });

  it('shares none between lives that meet', () => {
    const code = [...one, set, 0, ...one, set, 1, get, 0, get, 1, 0x6a, drop, get, 0, drop];
    expect(small(code, 2).locals).toBe(1 + 1);
  });

  it('lets what is read before it is written begin at zero', () => {
    // Local 1 is written and read first; local 0 holds zero all the while.
    const code = [...one, set, 1, ...one, drop, get, 1, drop, get, 0, drop];
    const { bytes, locals } = small(code, 2);
    expect(locals).toBe(2);
    expect(bytes[3]).not.toBe(bytes[9]);
    // And a parameter that is not read any more does not lend it its own.
    expect(small([get, 1, drop], 1, 1).bytes).toEqual([get, 1, drop]);
  });

  it('knows that a loop comes round', () => {
    // loop: use 0; 1 = …; use 1; if … continue: 0 lives all round the loop, though it is not read behind 1.
    const loop = [0x03, 0x40, get, 0, drop, ...one, set, 1, ...one, drop, get, 1, drop, ...one, 0x0d, 0, end];
    const { locals } = small([...one, set, 0, ...loop], 2);
    expect(locals).toBe(2);
  });

  it('knows both ways of a branch', () => {
    // if … then 0 = 1 else 1 = 1; use 0: the other branch leaves 0 as it was.
    const code = [...one, set, 0, ...one, 0x04, 0x40, ...one, set, 0, 0x05, ...one, set, 1, ...one, drop, get, 1, drop, end, get, 0, drop];
    expect(small(code, 2).locals).toBe(2);
  });
});
