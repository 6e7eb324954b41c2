/** What Node does with the URL of a page: compiles it, and loads its module. Writes no file; Node loads a module once. */
import type { LoadHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { PageMistake, shownAt } from './mistakes.ts';
import { pagePattern, placeOf, type ImportedPage } from './page.ts';
import { openPages } from './pages.ts';

/** A page with several problems is loaded once for each of them, and once for itself. */
const pages = openPages();
const warned = new WeakSet<ImportedPage>();

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith('file:') || !pagePattern.test(url)) return nextLoad(url, context);
  const place = placeOf(url);
  const file = fileURLToPath(place.file);
  const page = await pages.at(file);
  const shown = shownAt(file, page);
  const { value, diagnostics } = page.module(place.problem);
  if (value === undefined) throw forNode(new PageMistake(diagnostics, shown, true));
  const warnings = warned.has(page) ? [] : diagnostics.map((diagnostic) => warning(new PageMistake([diagnostic], shown, true)));
  warned.add(page);
  const map = Buffer.from(value.map(place.file)).toString('base64');
  return {
    format: 'module',
    shortCircuit: true,
    source: `${value.code}${warnings.join('')}//# sourceMappingURL=data:application/json;base64,${map}\n`,
  };
};

/**
 * Loader hooks run on a thread of their own, whose output may not be written any more when the process ends: so the module warns, on the
 * application's thread, where the application can listen too.
 */
const warning = ({ message, code }: PageMistake): string =>
  `globalThis.process.emitWarning(${JSON.stringify(message)}, ${JSON.stringify({ type: 'BilevelWarning', code })});\n`;

/** Node prints the stack of an error and then all else that it has: the message alone is what a person needs. */
function forNode({ name, message, code }: PageMistake): Error {
  const error = Object.assign(new Error(message), { name, code });
  error.stack = `${name}: ${message}`;
  return error;
}
