/** How an order ends: what the view says, and what the page shows where. */
import type { Diagnostic as Shown, Location } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { placeOf, placeText } from '../../../diagnostics/render.ts';
import type { Failure } from '../../../runtime/types.ts';
import { shown } from '../../features/diagnostics.ts';
import type { Ended, Unbound } from './messages.ts';
import type { Finished, Said } from './results.ts';

export interface Page {
  readonly uri: string;
  /** As diagnostics call it. */
  readonly name: string;
  readonly text: string;
  /** By their names as seen from it. */
  readonly imports: ReadonlyMap<string, string>;
}

/** What a result shows besides how it ended. */
export type Shows = Partial<Pick<Finished, 'words' | 'best' | 'figures' | 'tables' | 'json'>>;

export interface Ending {
  readonly done: (diagnostics: readonly Diagnostic[], shows: Shows) => Ended;
  readonly planned: (shows: Shows) => Ended;
  /** `onPage`: what of it the page is to show. */
  readonly failed: (words: string, said: readonly Diagnostic[], onPage: readonly Diagnostic[], unbound?: readonly Unbound[]) => Ended;
  /** A drive that did not come to its end; with what it had reached. */
  readonly stopped: (failure: Failure, warned: readonly Diagnostic[], shows?: Shows) => Ended;
  readonly cancelled: (shows?: Shows) => Ended;
}

export function ending(page: Page): Ending {
  const end = (
    state: Finished['state'],
    words: string,
    { said = [], onPage = said, unbound = [], shows = {} }: Partial<Ends> = {},
  ): Ended => ({
    kind: 'ended',
    finished: { kind: 'finished', state, words, figures: [], tables: [], ...shows, said: said.map((each) => saidOf(each, page)) },
    diagnostics: onPage.map((each) => onPageOf(each, page)),
    unbound,
  });
  const cancelled = (shows?: Shows): Ended =>
    end('cancelled', 'cancelled', shows === undefined ? {} : { shows: { ...shows, words: 'cancelled' } });
  return {
    done: (said, shows) => end('done', 'done', { said, shows }),
    planned: (shows) => end('done', 'without a run', { shows }),
    failed: (words, said, onPage, unbound = []) => end('failed', words, { said, onPage, unbound }),
    stopped: ({ status, diagnostics }, warned, shows) =>
      status === 'interrupted'
        ? cancelled(shows)
        : end('failed', status === 'not-started' ? 'it could not begin' : `it ended with status ${status}`, {
            said: [...diagnostics, ...warned],
            ...(shows === undefined ? {} : { shows: { ...shows, words: `ended with status ${status}; below is the last good state` } }),
          }),
    cancelled,
  };
}

interface Ends {
  readonly said: readonly Diagnostic[];
  readonly onPage: readonly Diagnostic[];
  readonly unbound: readonly Unbound[];
  readonly shows: Shows;
}

function saidOf(diagnostic: Diagnostic, { name, text, imports }: Page): Said {
  const { severity, code, message, hints } = diagnostic;
  const place = placeOf(diagnostic, (file) => (file === name ? text : imports.get(file)));
  return { severity, code, message, hints, where: place === undefined ? '' : placeText(place) };
}

/** As the server shows its own; a place in a data file is related to it. */
function onPageOf(diagnostic: Diagnostic, { uri, name, text }: Page): Shown {
  // The server calls a page by its URI, and a compilation by its name.
  const document = TextDocument.create(name, 'bilevel', 0, text);
  const { place } = diagnostic;
  const onPage = shown(diagnostic, { uri: name, document }, {});
  const related = (onPage.relatedInformation ?? []).map(({ location: { range }, message: words }) => ({
    location: { uri, range },
    message: words,
  }));
  return {
    ...onPage,
    source: 'bilevel run',
    relatedInformation: [...related, ...(place === undefined ? [] : [{ location: locationOf(place), message: 'in this file' }])],
  };
}

/** The file by its path from the page, which the extension resolves. */
function locationOf({ file, line = 1, column = 1 }: NonNullable<Diagnostic['place']>): Location {
  const position = { line: line - 1, character: column - 1 };
  return { uri: file, range: { start: position, end: position } };
}
