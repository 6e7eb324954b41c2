/**
 * Which units of work share a loop. What reads much data joins others that read the same, wherever no result would have to be complete
 * before it is: one pass through memory for all of them. The rest joins where it makes nobody wait, and loops that can be joined at the
 * end are. Knows how units depend on each other and how rows line up, no kernel.
 */
import { InternalError } from '../../diagnostics/internal-error.ts';
import { given } from '../ir/attributes.ts';
import { isOne, size, type Poly, type Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Element, Group, MapPart, Memory, Place, ProductPart, Step, Whole } from './schedule.ts';
import { isContiguous, isZero, type Access } from './views.ts';

/** One thing to compute, with what it reads. */
export interface Unit {
  readonly values: readonly Value[];
  readonly operands: readonly Access[];
  /** For each operand, which of its axes are the rows of the loop; `undefined`: it is read whole. */
  readonly rowAxes: readonly (number | undefined)[];
  /** How many rows it has; none: it is a scalar, or a step of its own. */
  readonly rows: Poly | undefined;
  /** It sums over the rows: known only when the loop has ended. */
  readonly accumulated: boolean;
  readonly content: { readonly kind: 'element'; readonly element: Element; readonly domain: Shape } | ProductPart | Whole;
}

interface Cluster {
  readonly number: number;
  readonly rows: Poly | undefined;
  readonly isWhole: boolean;
  readonly units: number[];
  /** What it reads of others, and everything that these need. */
  readonly needs: Set<Cluster>;
}

const keyOf = (rows: Poly | undefined): string => rows?.key ?? '';

/** It goes through data of more than one number a row. */
const isHeavy = ({ content }: Unit): boolean => content.kind === 'product' || (content.kind === 'element' && content.domain.length > 1);

class Clusters {
  readonly all = new Set<Cluster>();
  private readonly units: readonly Unit[];
  private readonly shapeOf: (v: Value) => Shape;
  private readonly makerOf = new Map<Value, number>();
  private readonly clusterOf: Cluster[] = [];

  constructor(units: readonly Unit[], shapeOf: (v: Value) => Shape) {
    this.units = units;
    this.shapeOf = shapeOf;
    units.forEach((unit, i) => {
      for (const v of unit.values) this.makerOf.set(v, i);
    });
    units.forEach((_, i) => this.place(i));
    this.join();
  }

  private maker(access: Access): number | undefined {
    return access.kind === 'memory' ? this.makerOf.get(access.base) : undefined;
  }

  /** Whether a unit may read an operand in the loop that makes it: row i from row i. */
  private readsRowByRow(unit: Unit, operand: number): boolean {
    const access = given(unit.operands[operand]);
    const rowAxis = unit.rowAxes[operand];
    const maker = this.maker(access);
    if (access.kind !== 'memory' || maker === undefined || rowAxis === undefined || unit.content.kind === 'whole') return false;
    const made = given(this.units[maker]);
    if (made.accumulated || made.content.kind === 'whole' || keyOf(made.rows) !== keyOf(unit.rows)) return false;
    if (unit.rows === undefined) return true;
    const [first, ...rest] = this.shapeOf(access.base);
    return isZero(access.offset) && first?.key === unit.rows.key && (isOne(unit.rows) || access.strides[rowAxis]?.key === size(rest).key);
  }

  private place(index: number): void {
    const unit = given(this.units[index]);
    const makers = unit.operands.map((a) => this.maker(a));
    const sources = new Set(makers.flatMap((m) => (m === undefined ? [] : [given(this.clusterOf[m])])));
    const needs = new Set([...sources, ...[...sources].flatMap((c) => [...c.needs])]);
    const mayJoin = (c: Cluster): boolean =>
      !c.isWhole &&
      keyOf(c.rows) === keyOf(unit.rows) &&
      // What it reads of the loop itself it reads row by row, and nothing that it reads waits for the loop's end.
      makers.every(
        (m, i) => m === undefined || (this.clusterOf[m] === c ? this.readsRowByRow(unit, i) : !given(this.clusterOf[m]).needs.has(c)),
      );
    const waitsForNobody = (c: Cluster): boolean => [...c.needs].every((n) => needs.has(n));
    const candidates = unit.content.kind === 'whole' ? [] : [...this.all].filter(mayJoin);
    const chosen =
      (isHeavy(unit) ? candidates.find((c) => this.readsTheSame(unit, c)) : undefined) ??
      candidates.find((c) => sources.has(c)) ??
      candidates.find(waitsForNobody) ??
      this.open(unit);
    this.add(chosen, index, sources);
  }

  private open({ rows, content }: Unit): Cluster {
    const made = { number: this.all.size, rows, isWhole: content.kind === 'whole', units: [], needs: new Set<Cluster>() };
    this.all.add(made);
    return made;
  }

  /** Whether some unit of a cluster goes through the same data, row by row. */
  private readsTheSame(unit: Unit, c: Cluster): boolean {
    const bases = (u: Unit): readonly Value[] =>
      isHeavy(u)
        ? u.operands.flatMap((a, i) => (a.kind === 'memory' && u.rowAxes[i] !== undefined && a.base.type.shape.length > 1 ? [a.base] : []))
        : [];
    const own = new Set(bases(unit));
    return c.units.some((i) => bases(given(this.units[i])).some((v) => own.has(v)));
  }

  private add(c: Cluster, index: number, sources: ReadonlySet<Cluster>): void {
    c.units.push(index);
    this.clusterOf[index] = c;
    this.wait(c, sources);
  }

  private wait(c: Cluster, sources: Iterable<Cluster>): void {
    for (const s of sources) {
      if (s === c) continue;
      c.needs.add(s);
      for (const n of s.needs) c.needs.add(n);
    }
    for (const other of this.all) if (other.needs.has(c)) for (const n of c.needs) other.needs.add(n);
  }

  /** Joins loops over the same rows where none waits for the other. */
  private join(): void {
    for (const a of [...this.all])
      for (const b of [...this.all]) {
        if (b.number <= a.number || !this.all.has(a) || !this.all.has(b) || !this.canJoin(a, b)) continue;
        this.merge(a, b);
      }
    for (const c of this.all) c.units.sort((x, y) => x - y);
  }

  private merge(a: Cluster, b: Cluster): void {
    for (const i of b.units) this.clusterOf[i] = a;
    a.units.push(...b.units);
    this.all.delete(b);
    for (const n of b.needs) a.needs.add(n);
    a.needs.delete(a);
    a.needs.delete(b);
    for (const other of this.all) {
      if (other === a) continue;
      if (other.needs.delete(b)) other.needs.add(a);
      if (other.needs.has(a)) for (const n of a.needs) other.needs.add(n);
    }
  }

  private canJoin(a: Cluster, b: Cluster): boolean {
    if (a.isWhole || b.isWhole || keyOf(a.rows) !== keyOf(b.rows)) return false;
    const between = [...this.all].some(
      (x) => x !== a && x !== b && ((b.needs.has(x) && x.needs.has(a)) || (a.needs.has(x) && x.needs.has(b))),
    );
    return !between && this.readsOnlyRows(a, b) && this.readsOnlyRows(b, a);
  }

  /** Whether what `to` reads of `from` it reads row by row. */
  private readsOnlyRows(from: Cluster, to: Cluster): boolean {
    return to.units.every((i) => {
      const unit = given(this.units[i]);
      return unit.operands.every((a, k) => {
        const maker = this.maker(a);
        return maker === undefined || this.clusterOf[maker] !== from || this.readsRowByRow(unit, k);
      });
    });
  }

  /** Each behind all that it needs; otherwise in the order in which the graph has them. */
  ordered(): readonly Cluster[] {
    const left = [...this.all].sort((a, b) => given(a.units[0]) - given(b.units[0]));
    const done = new Set<Cluster>();
    const order: Cluster[] = [];
    while (left.length > 0) {
      const next = left.findIndex((c) => [...c.needs].every((n) => done.has(n)));
      const [c] = left.splice(next, 1);
      if (next < 0 || c === undefined) throw new InternalError('fuse', 'two loops wait for each other');
      done.add(c);
      order.push(c);
    }
    return order;
  }
}

/** Units as steps, each group's in parts that take turns on a tile. */
export function cluster(
  units: readonly Unit[],
  shapeOf: (v: Value) => Shape,
): { readonly steps: readonly Step[]; readonly places: ReadonlyMap<Value, Place> } {
  const places = new Map<Value, Place>();
  const steps = new Clusters(units, shapeOf).ordered().map((c, step): Step => {
    const own = c.units.map((i) => given(units[i]));
    const [{ content } = given(own[0])] = own;
    if (content.kind === 'whole') {
      for (const v of content.node.outputs) places.set(v, { step, part: 0, accumulated: false });
      return content;
    }
    const group: Group = { kind: 'group', rows: c.rows, parts: [] };
    for (const unit of own) {
      const part = partFor(group, unit, step, places, shapeOf);
      for (const v of unit.values) places.set(v, { step, part, accumulated: unit.accumulated });
    }
    return group;
  });
  return { steps, places };
}

const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d.key === b[i]?.key);

/** Puts a unit into the first part of its group where all that it reads is there. */
function partFor(
  { parts }: Group,
  { content, operands }: Unit,
  step: number,
  places: ReadonlyMap<Value, Place>,
  shapeOf: (v: Value) => Shape,
): number {
  if (content.kind === 'whole') throw new InternalError('fuse', 'a step of its own in a group');
  if (content.kind === 'product') return parts.push(content) - 1;
  const { element, domain } = content;
  const firstFor = (access: Access): number => {
    const place = access.kind === 'memory' ? places.get(access.base) : undefined;
    if (place?.step !== step) return 0;
    // Where it is made it can be read only at the same position.
    return isMadeHere(parts[place.part], access as Memory, domain, shapeOf) ? place.part : place.part + 1;
  };
  const first = Math.max(0, ...operands.map(firstFor));
  const found = parts.findIndex((p, i) => i >= first && p.kind === 'map' && sameShape(p.domain, domain));
  const index = found >= 0 ? found : parts.push({ kind: 'map', domain, elements: [] }) - 1;
  (parts[index] as MapPart).elements.push(element);
  return index;
}

function isMadeHere(part: Group['parts'][number] | undefined, access: Memory, domain: Shape, shapeOf: (v: Value) => Shape): boolean {
  return (
    part?.kind === 'map' &&
    sameShape(part.domain, domain) &&
    sameShape(shapeOf(access.base), domain) &&
    isContiguous(access, domain) &&
    part.elements.some((e) => e.value === access.base && e.reduced.length === 0)
  );
}
