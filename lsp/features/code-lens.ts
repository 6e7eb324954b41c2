/** What can be done with a problem, above it. The commands are the client's: each is told the page and the problem. */
import type { CodeLens } from 'vscode-languageserver-protocol';
import { rangeOf, type Analysis } from '../analysis.ts';

const commands = [
  ['Run', 'bilevel.run'],
  ['Check gradient', 'bilevel.gradient'],
  ['Explain plan', 'bilevel.plan'],
  ['Compare strategies', 'bilevel.verify'],
] as const;

export const codeLenses = (analysis: Analysis): readonly CodeLens[] =>
  analysis.parsed().value.items.flatMap((item) => {
    if (item.kind !== 'problem' || item.name.name === '') return [];
    const range = rangeOf(analysis, item.name.span);
    return commands.map(([title, command]) => ({ range, command: { title, command, arguments: [analysis.uri, item.name.name] } }));
  });
