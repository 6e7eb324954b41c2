/** What Node does with the URL of a page: compiles it, and loads its module. Writes no file and keeps nothing; Node loads a module once. */
import { readFile } from 'node:fs/promises';
import type { LoadHook } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PageMistake, shownAt } from './mistakes.ts';
import { importPage, pagePattern, placeOf } from './page.ts';

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith('file:') || !pagePattern.test(url)) return nextLoad(url, context);
  const place = placeOf(url);
  const file = fileURLToPath(place.file);
  const text = await readFile(file, 'utf8');
  const page = importPage({ name: basename(file), text });
  const shown = shownAt(file, text);
  const { value, diagnostics } = page.module(place.problem);
  if (value === undefined) throw forNode(new PageMistake(diagnostics, shown, true));
  // The module of a page with several problems says nothing: those of its problems do.
  for (const diagnostic of diagnostics) {
    const { message, code } = new PageMistake([diagnostic], shown, true);
    process.emitWarning(message, { type: 'BilevelWarning', code });
  }
  const map = Buffer.from(value.map(place.file)).toString('base64');
  return {
    format: 'module',
    shortCircuit: true,
    source: `${value.code}//# sourceMappingURL=data:application/json;base64,${map}\n`,
  };
};

/** Node prints the stack of an error and then all else that it has: the message alone is what a person needs. */
function forNode({ name, message, code }: PageMistake): Error {
  const error = Object.assign(new Error(message), { name, code });
  error.stack = `${name}: ${message}`;
  return error;
}
