/**
 * Random programs for fast-check. A program that fails is made smaller on its tree: what is left out or put in the place of something larger
 * need not fit, so only what the checker has nothing against is tried. A page that does not compile stays as it is: its diagnostic has the place.
 */
import fc from 'fast-check';
import { hasErrors } from '../../diagnostics/diagnostic.ts';
import { compile } from '../../compiler/pipeline.ts';
import type { Page } from '../../grammar/ast.ts';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import { drawProgram, type Program } from './pages.ts';

class Programs extends fc.Arbitrary<Program> {
  override generate(random: fc.Random): fc.Value<Program> {
    return new fc.Value(shown(drawProgram(random)), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Program {
    return typeof value === 'object' && value !== null && 'text' in value;
  }

  override shrink(program: Program): fc.Stream<fc.Value<Program>> {
    return fc.stream(smaller(program));
  }
}

export const programs: fc.Arbitrary<Program> = new Programs();

/** A failure is reported with the page as it is, and not as a string in quotes. */
const shown = (program: Program): Program =>
  Object.assign(
    { ...program },
    {
      [fc.toStringMethod]: () =>
        `the page\n\n${program.text}\n${program.shared ?? ''}\nwith ${JSON.stringify({ ...program, text: undefined })}`,
    },
  );

/** A page without its problem has no mistake either. */
function compiles({ text, shared }: Program): boolean {
  const { value, diagnostics } = compile(text, 'random.bilevel', () => shared);
  return value.length > 0 && !hasErrors(diagnostics);
}

function* smaller(program: Program): IterableIterator<fc.Value<Program>> {
  if (!compiles(program)) return;
  const { value: page } = parse(program.text, 'random.bilevel');
  const bare = { ...page, comments: [] };
  const { length } = print(bare);
  for (const items of smallerValues(page.items, 'items')) {
    const text = print({ ...bare, items: items as Page['items'] });
    const other = shown({ ...program, text });
    if (text.length < length && compiles(other)) yield new fc.Value(other, undefined);
  }
}

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const span = { file: 'random.bilevel', start: 0, end: 0 };
const expressions = ['call', 'index', 'transposed', 'unary', 'binary', 'if', 'array', 'comprehension', 'scan'];
const isExpression = (value: unknown): boolean => isNode(value) && [...expressions, 'name', 'number'].includes(String(value['kind']));

/** Of what may be fewer. */
const lists = ['items', 'declarations', 'lets', 'parameters', 'positional', 'named', 'dims', 'indices', 'shape'];
/** Calls that nothing else stands for. */
const kept = ['method', 'distribution', 'choice'];

/** Large steps first: without an item; a node replaced by one of its own, or by a number; then inside. `key`: where it stands. */
function* smallerValues(value: unknown, key: string): IterableIterator<unknown> {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (lists.includes(key)) for (let i = items.length - 1; i >= 0; i -= 1) yield items.toSpliced(i, 1);
    for (const [i, item] of items.entries()) for (const other of smallerValues(item, '')) yield items.with(i, other);
  } else if (isNode(value)) {
    if (expressions.includes(String(value['kind'])) && !kept.includes(key)) {
      for (const inner of Object.values(value).flat()) if (isExpression(inner)) yield inner;
      yield { kind: 'number', value: 0.5, text: '0.5', span };
    }
    if (value['kind'] !== 'random' && ('init' in value || 'distribution' in value))
      yield Object.fromEntries(Object.entries(value).filter(([own]) => own !== 'init' && own !== 'distribution'));
    for (const [own, inner] of Object.entries(value)) {
      if (/span$/iu.test(own) || own === 'doc') continue;
      for (const other of smallerValues(inner, own)) yield { ...value, [own]: other };
    }
  }
}
