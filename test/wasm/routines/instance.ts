/**
 * Routines in a module of their own, callable from a test: operands in memory with guards around them, and comparisons with plain
 * loops in float64 within a stated bound.
 */
import { ModuleBuilder, type FunctionRef } from '../../../compiler/emit/wasm/assembler.ts';
import type { Precision } from '../../../plan/kernels.ts';
import { lanesOf, type Lanes } from '../../../compiler/emit/wasm/lanes.ts';

interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
/** What is used of the global of this name, which the types of Node do not have. */
interface WasmApi {
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, (...args: number[]) => void> };
}
const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WasmApi };

export type Elements = Float64Array | Float32Array;

/** An operand in memory. */
export interface Place {
  readonly at: number;
  readonly data: Elements;
}

export interface Loaded {
  readonly lanes: Lanes;
  readonly memory: ArrayBuffer;
  /** A typed view of so many elements at a byte address. */
  readonly view: (address: number, count: number) => Elements;
  readonly call: (name: string, ...args: number[]) => void;
  /** Forgets all places. */
  readonly clear: () => void;
  /** Room for elements, one element off any wider alignment, between guards; with what `value(i)` says in it. */
  readonly place: (count: number, value: (i: number) => number) => Place;
  /** Whether all guards are as they were. */
  readonly intact: () => boolean;
}

type Routine = (module: ModuleBuilder, lanes: Lanes) => FunctionRef;

const GUARD = 64;
const GUARD_BYTE = 0xa5;

/** A module that exports the routines given, with 64 KiB pages of memory. */
export function load(precision: Precision, routines: Readonly<Record<string, Routine>>, pages: number): Loaded {
  const module = new ModuleBuilder();
  const lanes = lanesOf(precision);
  for (const [name, routine] of Object.entries(routines)) module.export(name, routine(module, lanes));
  const memory = new wasm.Memory({ initial: pages, maximum: 65_536 });
  const { exports } = new wasm.Instance(new wasm.Module(module.encode().bytes), { env: { memory } });
  const bytes = new Uint8Array(memory.buffer);
  const view = (address: number, count: number): Elements =>
    precision === 'f64' ? new Float64Array(memory.buffer, address, count) : new Float32Array(memory.buffer, address, count);
  let end = 0;
  let guards: number[] = [];
  const guard = (): void => {
    bytes.fill(GUARD_BYTE, end, end + GUARD);
    guards.push(end);
    end += GUARD;
  };
  return {
    lanes,
    memory: memory.buffer,
    view,
    call: (name, ...args) => {
      const routine = exports[name];
      if (routine === undefined) throw new Error(`the module has no ${name}`);
      routine(...args);
    },
    clear: () => {
      end = 0;
      guards = [];
    },
    place: (count, value) => {
      end = Math.ceil((end + 1) / 64) * 64 + lanes.bytes;
      guard();
      const at = end;
      end += count * lanes.bytes;
      guard();
      const data = view(at, count);
      for (let i = 0; i < count; i++) data[i] = value(i);
      return { at, data };
    },
    intact: () => guards.every((from) => bytes.subarray(from, from + GUARD).every((byte) => byte === GUARD_BYTE)),
  };
}

export const precisions = ['f64', 'f32'] as const;

/** The rounding of one operation, relative. */
export const roundoff = (precision: Precision): number => (precision === 'f64' ? 2 ** -53 : 2 ** -24);

/** Numbers between −1 and 1, a sequence for each seed. Source: mulberry32, Tommy Ettinger (2017). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** A sum of products in float64, and the sum of their magnitudes. */
export class Sum {
  value: number;
  size: number;
  terms = 0;

  constructor(first = 0) {
    this.value = first;
    this.size = Math.abs(first);
  }
  add(a: number, b: number): void {
    this.value += a * b;
    this.size += Math.abs(a * b);
    this.terms++;
  }
  /** Whether a result is this sum within (n + 3)·u·Σ|terms|, n terms; what is not finite is to be the same. */
  is(got: number | undefined, u: number): boolean {
    if (got === undefined) return false;
    if (!Number.isFinite(this.value)) return Object.is(got, this.value);
    return Math.abs(got - this.value) <= (this.terms + 3) * u * this.size;
  }
}

/** What a test found wrong: the first of it is enough. */
export class Faults {
  readonly found: string[] = [];

  check(holds: boolean, what: () => string): void {
    if (!holds && this.found.length < 5) this.found.push(what());
  }
}
