/**
 * What of a page is checked on its own: its functions together, and each problem. A unit whose text is as it was, and whose functions and
 * imports are, is not checked again: what was found is moved to where it stands now. Owns what a unit depends on; must not know how
 * anything is lowered.
 */
import type { Diagnostic, Span } from '../../diagnostics/diagnostic.ts';
import { moved, moveOf, type Move } from '../../diagnostics/moved.ts';
import type { FnDeclaration, ImportNode, Page, ProblemNode } from '../../grammar/ast.ts';
import type { Section } from '../../grammar/parse.ts';
import type { ExpressionType, Program } from '../program.ts';

/** What was found out about a unit, with the places that its parts had then. */
export interface Finding {
  readonly diagnostics: readonly Diagnostic[];
  readonly types: readonly ExpressionType[];
  readonly program?: Program | undefined;
}

/** A finding that may be taken over. */
export interface KeptUnit extends Finding {
  readonly places: readonly Span[];
}

/** A finding, whose places are those of the page but for the program's. */
export interface PlacedFinding extends Finding {
  /** From the program's places to the page's. */
  readonly move: Move;
}

type Item = Page['items'][number];

export class Units {
  /** By all that each depends on. */
  readonly kept = new Map<string, KeptUnit>();
  private readonly page: Page;
  /** Of items that are a section each, and have no mistakes. */
  private readonly sections: ReadonlyMap<Item, Section>;
  private readonly before: ReadonlyMap<string, KeptUnit>;
  private readonly imports: ReadonlyMap<string, string | undefined>;

  /** `imports`: the texts that the page's imports have led to. */
  constructor(
    page: Page,
    sections: readonly Section[],
    imports: ReadonlyMap<string, string | undefined>,
    before: ReadonlyMap<string, KeptUnit> = new Map(),
  ) {
    this.page = page;
    const whole = sections.filter(({ items, diagnostics }) => items.length === 1 && diagnostics.length === 0);
    this.sections = new Map(whole.flatMap((section) => section.items.map((item) => [item, section] as const)));
    this.imports = imports;
    this.before = before;
  }

  /** All functions that the page declares or imports. */
  functions(find: () => Finding): PlacedFinding {
    return this.take('functions', this.page.items.filter(isShared), find);
  }

  problem(node: ProblemNode, find: () => Finding): PlacedFinding {
    return this.take('problem', [node, ...this.reachedFrom(node)], find);
  }

  /** Nothing is wrong with how it, or what the page has besides problems, is written. */
  isWhole(node: ProblemNode): boolean {
    return this.keyOf('problem', [node, ...this.page.items.filter(isShared)]) !== undefined;
  }

  /** Functions and imports that are named in an item, and in those, and so on; where some have mistakes, these are taken to name nothing. */
  private reachedFrom(node: ProblemNode): readonly Item[] {
    const reached = new Set<Item>();
    const follow = (item: Item): void => {
      const words = new Set(this.sections.get(item)?.outlined.tokens.map(({ image }) => image));
      for (const shared of this.page.items.filter(isShared)) {
        if (reached.has(shared) || !namesOf(shared).some((name) => words.has(name))) continue;
        reached.add(shared);
        follow(shared);
      }
    };
    follow(node);
    return this.page.items.filter((item) => reached.has(item));
  }

  private take(what: string, items: readonly Item[], find: () => Finding): PlacedFinding {
    const places = items.map(({ span }) => span);
    const key = this.keyOf(what, items);
    const known = key === undefined ? undefined : (this.kept.get(key) ?? this.before.get(key));
    const unit: KeptUnit = known ?? { ...find(), places };
    if (key !== undefined) this.kept.set(key, unit);
    const shifts = unit.places.map((span, i) => ({ span, by: (places[i]?.start ?? span.start) - span.start }));
    const move = moveOf(shifts);
    if (shifts.every(({ by }) => by === 0)) return { ...unit, move };
    const types = unit.types.map(({ span, type }) => ({ span: move(span), type }));
    return { program: unit.program, move, types, diagnostics: moved(unit.diagnostics, move) };
  }

  /** None where an item has mistakes of its own: its text does not say what it means. */
  private keyOf(what: string, items: readonly Item[]): string | undefined {
    const keys = items.flatMap((item) => this.sections.get(item)?.key ?? []);
    if (keys.length < items.length) return undefined;
    // What names there are decides what a name means, and which is the nearest to one that nobody declares.
    const names = this.page.items.filter(isShared).flatMap(namesOf);
    const texts = items.some(({ kind }) => kind === 'import') ? [...this.imports].flat() : [];
    return [what, names.join(' '), ...keys, ...texts].join('\0');
  }
}

const isShared = (item: Item): item is FnDeclaration | ImportNode => item.kind !== 'problem';

const namesOf = (item: FnDeclaration | ImportNode): readonly string[] =>
  item.kind === 'fn' ? [item.name.name] : item.names.map(({ name }) => name);
