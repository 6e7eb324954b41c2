/**
 * The binary format of WebAssembly: sections, a whole module. Knows no instruction and nothing of what it carries.
 * Source: WebAssembly Core Specification 2.0, chapter 5.
 */
import { flatten, flattenMarked, typeCode, unsigned, type Rope, type WasmType } from './bytes.ts';
import { shrink } from './shrink.ts';

export interface Signature {
  readonly params: readonly WasmType[];
  readonly results: readonly WasmType[];
}

export interface FunctionCode {
  readonly name: string;
  readonly signature: Signature;
  /** Types of the locals behind the parameters. */
  readonly locals: readonly WasmType[];
  readonly body: Rope;
}

export interface ModuleCode {
  /** Imported functions; they come first in the index space of functions. */
  readonly importedFunctions: readonly { readonly module: string; readonly name: string; readonly signature: Signature }[];
  /** Imported i32 constants: module `link`, names `0`, `1`, … */
  readonly importedConstants: number;
  /** Mutable i32 globals behind them, from 0. */
  readonly globals: number;
  readonly functions: readonly FunctionCode[];
  readonly exports: readonly { readonly name: string; readonly function: number }[];
}

const text = (value: string): Rope => sized([new TextEncoder().encode(value)]);
const list = (items: readonly Rope[]): Rope => [unsigned(items.length), items];
/** Content behind its length in bytes. */
function sized(content: Rope): Rope {
  const bytes = flatten(content);
  return [unsigned(bytes.length), bytes];
}
const section = (id: number, content: Rope): Rope => [id, sized(content)];

/** Runs of equal types, as locals are declared. */
function localRuns(types: readonly WasmType[]): Rope {
  const runs: { type: WasmType; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return list(runs.map((r) => [unsigned(r.count), typeCode(r.type)]));
}

/** The largest memory, in pages of 64 KiB: what 32-bit addresses reach. */
const LARGEST_MEMORY = 65_536;

export interface EncodedModule {
  readonly bytes: Uint8Array;
  /** Where the flags of the imported memory stand: 1 there is a memory of one thread, 3 a shared one. Nothing else differs. */
  readonly memoryFlagsAt: number;
  /** Where each marked piece of code begins. */
  readonly markedAt: readonly number[];
}

/** A module as bytes. It imports its memory as `env.memory`. `small`: functions are made smaller, and their names left out. */
export function encodeModule(module: ModuleCode, { small }: { readonly small: boolean }): EncodedModule {
  const signatures: Signature[] = [];
  const keyOf = (s: Signature): string => `${s.params.join()}>${s.results.join()}`;
  const typeIndex = (s: Signature): number => {
    const known = signatures.findIndex((t) => keyOf(t) === keyOf(s));
    return known >= 0 ? known : signatures.push(s) - 1;
  };
  const functionImports = module.importedFunctions.map((f): Rope => [text(f.module), text(f.name), 0x00, unsigned(typeIndex(f.signature))]);
  const constantImports = Array.from({ length: module.importedConstants }, (_, i): Rope => [
    text('link'),
    text(String(i)),
    0x03,
    typeCode('i32'),
    0,
  ]);
  const declared = module.functions.map((f) => unsigned(typeIndex(f.signature)));
  const types = section(
    1,
    list(signatures.map((s): Rope => [0x60, list(s.params.map((t) => [typeCode(t)])), list(s.results.map((t) => [typeCode(t)]))])),
  );
  const memory: Rope = [text('env'), text('memory'), 0x02];
  const header: Rope = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, types];
  // The memory comes first among the imports, so that its flags stand at a place that is known.
  const limits: Rope = [0x01, unsigned(0), unsigned(LARGEST_MEMORY)];
  const imports: readonly Rope[] = [[memory, limits], ...functionImports, ...constantImports];
  const importContent = flatten(list(imports));
  const before = flatten([header, 2, unsigned(importContent.length)]);
  const names = module.functions.map((f, i): Rope => [unsigned(module.importedFunctions.length + i), text(f.name)]);
  const bodies = module.functions.map((f) => {
    const whole = { params: f.signature.params.length, locals: f.locals, ...flattenMarked(f.body) };
    const { locals, bytes, marks } = small ? shrink(whole) : whole;
    const declared = flatten(localRuns(locals));
    return { bytes: flatten([declared, bytes, 0x0b]), marks: marks.map((mark) => declared.length + mark) };
  });
  const functions = flatten(list(bodies.map(({ bytes }) => [unsigned(bytes.length), bytes])));
  const first = flatten([
    before,
    importContent,
    section(3, list(declared)),
    ...(module.globals > 0 ? [section(6, list(Array.from({ length: module.globals }, () => [typeCode('i32'), 1, 0x41, 0, 0x0b])))] : []),
    section(7, list(module.exports.map((e) => [text(e.name), 0x00, unsigned(e.function)]))),
    10,
    unsigned(functions.length),
  ]);
  const bytes = flatten([first, functions, small ? [] : section(0, [text('name'), [1, sized(list(names))]])]);
  const marks: number[] = [];
  let at = first.length + unsigned(bodies.length).length;
  for (const body of bodies) {
    at += unsigned(body.bytes.length).length;
    for (const mark of body.marks) marks.push(at + mark);
    at += body.bytes.length;
  }
  return { bytes: bytes.slice(), memoryFlagsAt: before.length + unsigned(imports.length).length + flatten(memory).length, markedAt: marks };
}
