/**
 * Makes a function's body smaller without changing what it computes: values that are used at once stay on the stack, and locals whose
 * lives do not meet share a number. Code that is alike then reads alike, so that it packs well. Source: liveness and colouring as in
 * Appel, Modern Compiler Implementation (1998), chapters 10 and 11, without spilling.
 */
import { given } from '../../ir/attributes.ts';
import { decode, localGet, localSet, localTee, type Instruction } from './decode.ts';
import { unsigned, type WasmType } from './bytes.ts';

export interface FunctionBody {
  readonly params: number;
  /** Types of the locals behind the parameters. */
  readonly locals: readonly WasmType[];
  readonly bytes: Uint8Array;
  /** Where marked pieces of code begin. */
  readonly marks: readonly number[];
}

export function shrink(body: FunctionBody): FunctionBody {
  return sharedLocals(stackedValues(body));
}

// ---- values that are used at once ---------------------------------------------------------------------------------

/** `set x, get x` is `tee x`, or nothing where that was the only use. */
function stackedValues(body: FunctionBody): FunctionBody {
  const code = decode(body.bytes);
  const replaced = new Map<number, readonly number[]>();
  forEachLive(code, body.params + body.locals.length, (i, liveAfter) => {
    const [get, set] = [code[i], code[i - 1]];
    if (get?.opcode !== localGet || set?.opcode !== localSet || get.local === undefined || get.local !== set.local) return;
    replaced.set(i - 1, has(liveAfter, get.local) ? [localTee, ...unsigned(get.local)] : []);
    replaced.set(i, []);
  });
  return rewritten(body, code, (_, i) => replaced.get(i));
}

// ---- locals that share a number -----------------------------------------------------------------------------------

function sharedLocals(body: FunctionBody): FunctionBody {
  const code = decode(body.bytes);
  const { params, locals } = body;
  const count = params + locals.length;
  const meets = interference(code, count, params);
  const classes: { readonly type: WasmType; readonly meets: LocalSet }[] = [];
  const classOf = new Map<number, number>();
  for (const { local } of code) {
    if (local === undefined || local < params || classOf.has(local)) continue;
    const type = locals[local - params] as WasmType;
    const fits = classes.findIndex((own) => own.type === type && !has(own.meets, local));
    const place = fits >= 0 ? fits : classes.push({ type, meets: emptySet(count) }) - 1;
    addAll((classes[place] as (typeof classes)[number]).meets, meets[local] as LocalSet);
    classOf.set(local, place);
  }
  // Equal types beside each other: they are declared in runs.
  const order = [...classes.keys()].sort((a, b) => (classes[a]?.type ?? '').localeCompare(classes[b]?.type ?? '') || a - b);
  const numbers = new Map(order.map((place, i) => [place, params + i]));
  const numberOf = (local: number): number => numbers.get(classOf.get(local) ?? -1) ?? local;
  const renamed = rewritten(body, code, ({ opcode, local }) => (local === undefined ? undefined : [opcode, ...unsigned(numberOf(local))]));
  return { ...renamed, locals: order.map((place) => (classes[place] as (typeof classes)[number]).type) };
}

/** For each local, those that hold what is still read when it is written, and those at whose writing it holds such. */
function interference(code: readonly Instruction[], count: number, params: number): readonly LocalSet[] {
  const meets = Array.from({ length: count }, () => emptySet(count));
  const first = forEachLive(code, count, (i, liveAfter) => {
    const { opcode, local } = code[i] as Instruction;
    if (local !== undefined && opcode !== localGet) addAll(meets[local] as LocalSet, liveAfter);
  });
  // What is read before it is written holds zero from the beginning, when the parameters hold theirs.
  for (let param = 0; param < params; param++) add(first, param);
  for (let local = 0; local < count; local++) if (has(first, local)) addAll(meets[local] as LocalSet, first);
  for (let local = 0; local < count; local++)
    for (let other = 0; other < count; other++) if (has(meets[local] as LocalSet, other)) add(meets[other] as LocalSet, local);
  for (let local = 0; local < count; local++) remove(meets[local] as LocalSet, local);
  return meets;
}

// ---- liveness -----------------------------------------------------------------------------------------------------

/** A bit a local. */
type LocalSet = Uint32Array;
const emptySet = (count: number): LocalSet => new Uint32Array(Math.ceil(count / 32));
const has = (set: LocalSet, local: number): boolean => (((set[local >> 5] ?? 0) >>> (local & 31)) & 1) === 1;
const add = (set: LocalSet, local: number): void => {
  set[local >> 5] = (set[local >> 5] ?? 0) | (1 << (local & 31));
};
const remove = (set: LocalSet, local: number): void => {
  set[local >> 5] = (set[local >> 5] ?? 0) & ~(1 << (local & 31));
};
/** True where something was not there. */
function addAll(set: LocalSet, others: LocalSet): boolean {
  let isMore = false;
  for (let k = 0; k < set.length; k++) {
    const [own, sum] = [set[k] ?? 0, (set[k] ?? 0) | (others[k] ?? 0)];
    if (sum >>> 0 === own) continue;
    set[k] = sum;
    isMore = true;
  }
  return isMore;
}

/**
 * Visits every instruction, from the last to the first, with the locals whose values are still read behind it; gives those of the
 * beginning. The set is the visitor's until it returns.
 */
function forEachLive(code: readonly Instruction[], count: number, visit: (i: number, liveAfter: LocalSet) => void): LocalSet {
  // Kept where control comes to: everywhere else there is one instruction that follows, and it was just looked at.
  const kept = new Map<number, LocalSet>();
  code.forEach(({ next }, i) => next.forEach((target) => target !== i + 1 && target < code.length && kept.set(target, emptySet(count))));
  const live = emptySet(count);
  const walk = (look: ((i: number, liveAfter: LocalSet) => void) | undefined): boolean => {
    let hasChanged = false;
    live.fill(0);
    for (let i = code.length - 1; i >= 0; i--) {
      const { opcode, local, next } = code[i] as Instruction;
      if (next.length !== 1 || next[0] !== i + 1) {
        if (!next.includes(i + 1)) live.fill(0);
        for (const target of next) if (target !== i + 1) addAll(live, kept.get(target) ?? nothing);
      }
      look?.(i, live);
      if (local !== undefined) (opcode === localGet ? add : remove)(live, local);
      const here = kept.get(i);
      if (here !== undefined && addAll(here, live)) hasChanged = true;
    }
    return hasChanged;
  };
  while (walk(undefined));
  walk(visit);
  return live;
}

const nothing = new Uint32Array(0);

// ---- writing ------------------------------------------------------------------------------------------------------

/** The body with other bytes for some instructions; undefined leaves one as it is. Marks move along. */
function rewritten(
  body: FunctionBody,
  code: readonly Instruction[],
  replace: (instruction: Instruction, i: number) => readonly number[] | undefined,
): FunctionBody {
  const bytes: number[] = [];
  const places = new Map<number, number>();
  code.forEach((instruction, i) => {
    places.set(instruction.from, bytes.length);
    const other = replace(instruction, i);
    if (other !== undefined) bytes.push(...other);
    else for (let at = instruction.from; at < instruction.to; at++) bytes.push(body.bytes[at] ?? 0);
  });
  return { ...body, bytes: Uint8Array.from(bytes), marks: body.marks.map((mark) => given(places.get(mark), 'a marked instruction')) };
}
