/** How a statement is begun in an editor: what is offered, and what is written with places to go through. */
import type { statementWords } from '../compiler/words/statements.ts';

export interface Snippet {
  /** What is shown, and found by what has been typed. */
  readonly label: string;
  /** In the language of snippets of the protocol. */
  readonly body: string;
}

export const statementSnippets: Readonly<Record<keyof typeof statementWords, Snippet>> = {
  problem: { label: 'problem', body: 'problem ${1:name} {\n  $0\n}' },
  import: { label: 'import', body: 'import { $2 } from "./${1:page}.bilevel"$0' },
  dim: { label: 'dim', body: 'dim ${1:n}$0' },
  data: { label: 'data', body: 'data ${1:X}: [${2:n}] from "$3"$0' },
  split: { label: 'split', body: 'split ${1:n} into train ${2:60}%, valid ${3:20}%, test ${4:20}%, seed ${5:7}$0' },
  hyper: { label: 'hyper', body: 'hyper ${1:penalty}: ${2:positive} = ${3:1}$0' },
  param: { label: 'param', body: 'param ${1:w}: [${2:d}]$0' },
  random: { label: 'random', body: 'random ${1:noise}: [${2:n}] ~ ${3:normal(0, 1)}$0' },
  let: { label: 'let', body: 'let ${1:name} = $0' },
  fn: { label: 'fn', body: 'fn ${1:f}(${2:x}: [${3:k}]): [${4:k}] = $0' },
  inner: { label: 'inner minimize', body: 'inner minimize $0' },
  outer: { label: 'outer minimize', body: 'outer minimize $0' },
  report: { label: 'report', body: 'report ${1:name} = $0' },
  'solve-inner': { label: 'solve inner with', body: 'solve inner with $0' },
  'solve-outer': { label: 'solve outer with', body: 'solve outer with $0' },
  differentiate: { label: 'differentiate with', body: 'differentiate with $0' },
};

/** What is written of a snippet where an editor has none: what stands before its first place. */
export const plain = (body: string): string => body.replace(/\$.*/su, '');
