/** What the programs of a run were made of, and what became of them: so that a generator that has lost something is seen. */
import type { Graph } from '../../compiler/ir/graph.ts';
import type { Page } from '../../grammar/ast.ts';

export class Tally {
  private readonly counts = new Map<string, number>();

  add(what: string): void {
    this.counts.set(what, this.of(what) + 1);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  /** All that was counted as `group: …`. */
  under(group: string): readonly (readonly [what: string, count: number])[] {
    return [...this.counts].filter(([what]) => what.startsWith(`${group}: `));
  }

  /** What was met less often than it should, each with how often. */
  missing(names: readonly string[], least: number): readonly string[] {
    return names.filter((name) => this.of(name) < least).map((name) => `${name} (${this.of(name)})`);
  }

  toString(): string {
    return [...this.counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, count]) => `${what} ${count}`)
      .join('\n');
  }
}

/** Every construct of a page once: kinds of nodes, operators, functions, kinds of hypers and params, methods. */
export function constructsOf(page: Page): ReadonlySet<string> {
  const met = new Set<string>();
  const own = new Set<string>();
  visit(page.items, (node) => {
    if (node['kind'] === 'fn') own.add(nameOf(node['name']));
    if (node['kind'] === 'import') for (const name of node['names'] as readonly unknown[]) own.add(nameOf(name));
    if (node['kind'] === 'hyper' && isNode(node['type']) && isNode(node['type']['choice'])) own.add(nameOf(node['name']));
  });
  visit(page.items, (node) => {
    const { kind } = node;
    if (typeof kind !== 'string') return;
    met.add(`node: ${kind}`);
    if (kind === 'binary' || kind === 'unary') met.add(`operator: ${kind} ${String(node['operator'])}`);
    if (kind === 'call') met.add(own.has(nameOf(node['callee'])) ? 'function: of the page' : `function: ${nameOf(node['callee'])}`);
    if (kind === 'hyper' || kind === 'param') met.add(`${kind}: ${kindOf(node['type'])}`);
    if (isNode(node['method'])) met.add(`${kind}: ${nameOf(node['method']['callee'])}`);
    if (kind === 'scan') met.add(`scan: ${(node['states'] as readonly unknown[]).length}`);
    if (kind === 'comprehension' || kind === 'scan') met.add(`loop: over ${isNode(node['over']) ? String(node['over']['kind']) : ''}`);
    if (kind === 'fn') met.add(`fn: ${node['isBlock'] === true ? 'block' : 'expression'}`);
  });
  return met;
}

/** The ops of a graph and of its loops, once each. */
export function opsOf({ nodes }: Graph): ReadonlySet<string> {
  return new Set(
    nodes.flatMap(({ op, attributes: { body, test } }) => [
      `op: ${op}`,
      ...[body, test].flatMap((inner) => (inner === undefined ? [] : [...opsOf(inner)])),
    ]),
  );
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nameOf = (value: unknown): string => (isNode(value) ? String(value['name']) : '');

function kindOf(type: unknown): string {
  if (!isNode(type)) return '';
  if (isNode(type['choice'])) return 'choice';
  return `${nameOf(type['kindName']) || 'real'}${isNode(type['interval']) ? ' in an interval' : ''}`;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see);
  if (!isNode(value)) return;
  see(value);
  for (const [key, inner] of Object.entries(value)) if (!/span$/iu.test(key)) visit(inner, see);
}
