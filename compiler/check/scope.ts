/** What names stand for, and where they are seen. Knows nothing of expressions' values but that they exist. */
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { FnDeclaration, Identifier } from '../../grammar/ast.ts';
import type { Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Home } from './home.ts';

/** A function of the page: its text, and the scope that its body sees. */
export interface Fn {
  readonly declaration: FnDeclaration;
  readonly scope: Scope;
  /** Of the prelude: whoever calls it does not see its text. */
  readonly isLibrary?: boolean;
}

/** A function between which a choice chooses; without `fn` it is the library's. */
export interface Alternative {
  readonly name: Identifier;
  readonly fn?: Fn;
}

/** A hyper that is called: what its name means is found when all functions are declared; `undefined`: it has a mistake. */
export interface Choice {
  readonly meaning: () => { readonly alternatives: readonly Alternative[]; readonly weights: Value } | undefined;
}

export type Binding =
  | { readonly kind: 'dim'; readonly dim: Dim; readonly span: Span }
  /** An index set is a dim and an int vector of positions in `over`. */
  | { readonly kind: 'set'; readonly dim: Dim; readonly over: Dim; readonly value: Value; readonly span: Span }
  /** Its value is made when it is first asked for, so that declarations may stand in any order. */
  | {
      readonly kind: 'value';
      readonly what: string;
      readonly get: () => Value | undefined;
      readonly span: Span;
      readonly isRelaxed?: boolean;
    }
  | { readonly kind: 'fn'; readonly fn: Fn; readonly span: Span }
  | { readonly kind: 'choice'; readonly choice: Choice; readonly span: Span }
  /** Declared, but wrong or refused: whoever uses it stays silent. */
  | { readonly kind: 'broken'; readonly span: Span };

/** Names of one level, inside those of `parent`. */
export class Scope {
  readonly parent: Scope | undefined;
  /** Where its names are declared. */
  readonly home: Home | undefined;
  private readonly own = new Map<string, Binding>();

  constructor(parent?: Scope, home = parent?.home) {
    this.parent = parent;
    this.home = home;
  }

  /** The binding that is already there, if there is one: then nothing is declared. */
  declare(name: string, binding: Binding): Binding | undefined {
    const known = this.own.get(name);
    if (known === undefined) this.own.set(name, binding);
    return known;
  }

  lookup(name: string): Binding | undefined {
    return this.own.get(name) ?? this.parent?.lookup(name);
  }

  /** All names that can be seen from here of which `wanted` holds. */
  names(wanted: (binding: Binding) => boolean = () => true): readonly string[] {
    const own = [...this.own].filter(([, binding]) => wanted(binding)).map(([name]) => name);
    return [...own, ...(this.parent?.names(wanted) ?? [])];
  }
}

export const isDimLike = (binding: Binding): boolean => binding.kind === 'dim' || binding.kind === 'set';
