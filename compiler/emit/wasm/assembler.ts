/**
 * Puts functions together: locals, structured control, calls. A module is built by one `ModuleBuilder`; a function's body is a
 * callback that writes statements in order. Knows nothing of kernels.
 */
import { unsigned, type Rope, type WasmType } from './bytes.ts';
import { encodeModule, type EncodedModule, type FunctionCode, type Signature } from './encode.ts';
import { constant, i32, type Expression, type I32 } from './instructions.ts';

export interface Local<T extends WasmType = WasmType> extends Expression<T> {
  readonly index: number;
}

type Locals<P extends readonly WasmType[]> = { readonly [I in keyof P]: Local<P[I]> };

/** A function that can be called: its place in the module. */
export interface FunctionRef<P extends readonly WasmType[] = readonly WasmType[], R extends WasmType | undefined = WasmType | undefined> {
  readonly name: string;
  readonly params: P;
  readonly result: R;
  readonly index: () => number;
}

export class FunctionBuilder {
  private readonly paramCount: number;
  private readonly types: WasmType[] = [];
  private statements: Rope[] = [];

  constructor(paramCount: number) {
    this.paramCount = paramCount;
  }

  /** A new local; it begins at zero. */
  local<T extends WasmType>(type: T): Local<T> {
    const index = this.paramCount + this.types.push(type) - 1;
    return { type, index, code: [0x20, unsigned(index)] };
  }
  /** Evaluates an expression here, once, into a local. */
  let<T extends WasmType>(value: Expression<T>): Local<T> {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }
  /** Evaluates an expression here, once, unless it is a constant: that is as good. */
  keep(value: I32): I32 {
    return value.known === undefined ? this.let(value) : value;
  }
  set<T extends WasmType>(local: Local<T>, value: Expression<T>): void {
    this.statements.push([value.code, 0x21, unsigned(local.index)]);
  }
  /** Adds to an i32 local. */
  advance(local: Local<'i32'>, by: I32 | number): void {
    this.set(local, i32.add(local, typeof by === 'number' ? constant.i32(by) : by));
  }
  /** A statement: code that leaves nothing. */
  do(statement: Rope): void {
    this.statements.push(statement);
  }
  drop(value: Expression): void {
    this.statements.push([value.code, 0x1a]);
  }
  call<P extends readonly WasmType[]>(target: FunctionRef<P, undefined>, ...args: { readonly [I in keyof P]: Expression<P[I]> }): void {
    this.do([args.map((a) => a.code), lateCall(target)]);
  }
  result<P extends readonly WasmType[], R extends WasmType>(
    target: FunctionRef<P, R>,
    ...args: { readonly [I in keyof P]: Expression<P[I]> }
  ): Expression<R> {
    return { type: target.result, code: [args.map((a) => a.code), lateCall(target)] };
  }
  return(value?: Expression): void {
    this.do([value?.code ?? [], 0x0f]);
  }

  // ---- control ------------------------------------------------------------------------------------------------------

  private inside(body: () => void): Rope {
    const outer = this.statements;
    this.statements = [];
    body();
    const code = this.statements;
    this.statements = outer;
    return code;
  }
  if(condition: I32, then: () => void, otherwise?: () => void): void {
    if (condition.known !== undefined) {
      if (condition.known !== 0) then();
      else otherwise?.();
      return;
    }
    const yes = this.inside(then);
    const no = otherwise === undefined ? [] : [0x05, this.inside(otherwise)];
    this.do([condition.code, 0x04, 0x40, yes, no, 0x0b]);
  }
  /** Runs the body while the condition holds; the condition is looked at first. */
  while(condition: I32, body: () => void): void {
    if (condition.known === 0) return;
    this.do([0x02, 0x40, 0x03, 0x40, condition.code, 0x45, 0x0d, 1, this.inside(body), 0x0c, 0, 0x0b, 0x0b]);
  }
  /** Runs the body, then again as long as the condition holds. */
  doWhile(body: () => void, condition: I32): void {
    this.do([0x03, 0x40, this.inside(body), condition.code, 0x0d, 0, 0x0b]);
  }
  /** `for (; counter < end; counter += step)`, unsigned; the counter keeps its last value. */
  for(counter: Local<'i32'>, end: I32, step: number, body: () => void): void {
    this.if(i32.ltU(counter, end), () => {
      this.doWhile(
        () => {
          body();
          this.advance(counter, step);
        },
        i32.ltU(counter, end),
      );
    });
  }
  /** `for (i = 0; i < count; i++)`. */
  times(count: I32, body: (i: Local<'i32'>) => void): void {
    const i = this.local('i32');
    this.set(i, constant.i32(0));
    this.for(i, count, 1, () => body(i));
  }
  /** Jumps to one of several pieces that follow each other: piece k, then those behind it. A number beyond the last skips all. */
  enterAt(which: I32, pieces: readonly (() => void)[]): void {
    this.enter(
      which,
      pieces.map((piece) => this.inside(piece)),
    );
  }
  /**
   * A body that can be entered again where it was left: at piece number `which`. `split` ends a piece and gives the number of the next.
   * Locals do not survive from one piece to another.
   */
  resumable(which: I32, body: (split: () => number) => void): void {
    const pieces: Rope[] = [];
    const outer = this.statements;
    const split = (): number => {
      pieces.push(this.statements);
      this.statements = [];
      return pieces.length;
    };
    this.statements = [];
    body(split);
    split();
    this.statements = outer;
    const [only, ...others] = pieces;
    if (only !== undefined && others.length === 0) this.do(only);
    else this.enter(which, pieces);
  }
  private enter(which: I32, pieces: readonly Rope[]): void {
    const blocks = pieces.map((): Rope => [0x02, 0x40]);
    const table: Rope = [0x0e, unsigned(pieces.length), pieces.map((_, k) => unsigned(k)), unsigned(pieces.length)];
    const bodies = pieces.map((piece): Rope => [0x0b, piece]);
    this.do([0x02, 0x40, blocks, which.code, table, bodies, 0x0b]);
  }

  finish(name: string, signature: Signature): FunctionCode {
    return { name, signature, locals: this.types, body: this.statements };
  }
}

/** The index is asked for when the module is encoded, so that functions may be declared in any order. */
const lateCall = (target: FunctionRef): Rope => [0x10, () => unsigned(target.index())];

export class ModuleBuilder {
  private readonly imported: { module: string; name: string; signature: Signature }[] = [];
  private readonly functions: { ref: FunctionRef; code: FunctionCode }[] = [];
  /** The place of each function among those of the module. */
  private readonly places = new Map<FunctionRef, number>();
  private readonly exports: { name: string; ref: FunctionRef }[] = [];
  private constants = 0;
  private globals = 0;
  private readonly shared = new Map<string, FunctionRef>();

  importFunction<const P extends readonly WasmType[], R extends WasmType | undefined>(
    module: string,
    name: string,
    params: P,
    result: R,
  ): FunctionRef<P, R> {
    const index = this.imported.push({ module, name, signature: signatureOf(params, result) }) - 1;
    return { name, params, result, index: () => index };
  }
  /** A number that is given when the module is instantiated: import `link.I`. */
  constant(): { readonly index: number; readonly get: I32 } {
    const index = this.constants++;
    return { index, get: { type: 'i32', code: [0x23, unsigned(index)] } };
  }
  /** A mutable i32 of the instance; it begins at 0. */
  global(): { readonly get: I32; readonly set: (value: I32) => Rope } {
    const slot = this.globals++;
    const index = (): Rope => unsigned(this.constants + slot);
    return { get: { type: 'i32', code: [0x23, index] }, set: (value) => [value.code, 0x24, index] };
  }

  function<const P extends readonly WasmType[], R extends WasmType | undefined>(
    name: string,
    params: P,
    result: R,
    body: (f: FunctionBuilder, ...params: Locals<P>) => void,
  ): FunctionRef<P, R> {
    const f = new FunctionBuilder(params.length);
    const own = params.map((type, index): Local => ({ type, index, code: [0x20, unsigned(index)] }));
    body(f, ...(own as unknown as Locals<P>));
    const ref: FunctionRef<P, R> = {
      name,
      params,
      result,
      index: () => this.imported.length + (this.places.get(ref) ?? -1),
    };
    this.places.set(ref, this.functions.push({ ref, code: f.finish(name, signatureOf(params, result)) }) - 1);
    return ref;
  }
  /** A function that the module has once, however often it is asked for. */
  once<F extends FunctionRef>(name: string, make: () => F): F {
    const known = this.shared.get(name);
    if (known !== undefined) return known as F;
    const made = make();
    this.shared.set(name, made);
    return made;
  }
  export(name: string, ref: FunctionRef): void {
    this.exports.push({ name, ref });
  }
  encode(how: { readonly small: boolean } = { small: false }): EncodedModule {
    const module = {
      importedFunctions: this.imported,
      importedConstants: this.constants,
      globals: this.globals,
      functions: this.functions.map((f) => f.code),
      exports: this.exports.map((e) => ({ name: e.name, function: e.ref.index() })),
    };
    return encodeModule(module, how);
  }
}

const signatureOf = (params: readonly WasmType[], result: WasmType | undefined): Signature => ({
  params,
  results: result === undefined ? [] : [result],
});
