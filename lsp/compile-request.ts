/** What a client asks for beyond the protocol: the module of a page's problem, and which of its lines speak of which lines of the page. */
import type { Position, Range, TextDocumentIdentifier } from 'vscode-languageserver-protocol';

export const compileRequest = 'bilevel/compile';

export interface CompileAsked {
  readonly textDocument: TextDocumentIdentifier;
  /** By its name; else the one at a place of the page, and else its first. */
  readonly problem?: string;
  readonly position?: Position;
}

export type CompileAnswer = ModuleAnswer | NoModule | NoProblem;

export interface ModuleAnswer {
  readonly problem: string;
  /** Of the page that it was compiled from. */
  readonly version: number;
  readonly text: string;
  /** Of each line of the text the statement of the page that it speaks of, if there is one. */
  readonly from: readonly (Range | null)[];
}

/** Of a problem with errors there is none. */
export interface NoModule {
  readonly problem: string;
  readonly because: string;
}

export interface NoProblem {
  readonly problem?: undefined;
  readonly because: string;
}
