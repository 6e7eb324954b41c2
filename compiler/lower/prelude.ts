/** The library's functions that are written in the language: a page of its own, read when one of them is first asked for. */
import { InternalError } from '../../diagnostics/internal-error.ts';
import { parse } from '../../grammar/parse.ts';
import { Scope, type Fn } from '../check/scope.ts';
import { preludeText } from '../prelude/text.ts';

type Prelude = ReadonlyMap<string, readonly Fn[]>;

/** It sees the library and itself. */
function readPrelude(): Prelude {
  const { value: page, diagnostics } = parse(preludeText, 'prelude.bilevel');
  const [mistake] = diagnostics;
  if (mistake !== undefined) throw new InternalError('prelude', mistake.message);
  const scope = new Scope();
  const forms = new Map<string, Fn[]>();
  for (const item of page.items) {
    if (item.kind !== 'fn') continue;
    const fn: Fn = { declaration: item, scope, isLibrary: true };
    forms.set(item.name.name, [...(forms.get(item.name.name) ?? []), fn]);
  }
  return forms;
}

/** The same for every page of the process. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

const prelude = once(readPrelude);

/** All forms of a function; none where the prelude has no such name. */
export const preludeFns = (name: string): readonly Fn[] => prelude().get(name) ?? [];

export const preludeNames = (): readonly string[] => [...prelude().keys()];
