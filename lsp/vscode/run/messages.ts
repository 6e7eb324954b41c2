/** What the extension and its runner say to each other. Plain data, fit for `postMessage`. */
import type { Diagnostic } from 'vscode-languageserver-protocol';
import type { FileOverride } from '../../../runtime/data/files.ts';
import type { Action, Advanced, Finished } from './results.ts';

/** What is to be done: the first message, and the only one of its kind. */
export interface Order {
  readonly kind: 'order';
  readonly action: Action;
  /** With the text that the editor has, saved or not. */
  readonly page: { readonly uri: string; readonly name: string; readonly text: string };
  readonly problem: string;
  /** Files for data, by name, over what the page says. */
  readonly data: Readonly<Record<string, FileOverride>>;
}

/** What was asked for; `code` says why there is none, as `FileError` does. */
export type Answer =
  | { readonly kind: 'answer'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'answer'; readonly id: number; readonly names: readonly string[] }
  | { readonly kind: 'answer'; readonly id: number; readonly code: string };

export type ToRunner = Order | Answer | { readonly kind: 'cancel' };

/** Of a file by its path from the page: its bytes, or the names of the files in its folder. */
export interface Question {
  readonly kind: 'question';
  readonly id: number;
  readonly what: 'bytes' | 'names';
  readonly path: string;
}

/** The end, and what the extension has to do with it. */
export interface Ended {
  readonly kind: 'ended';
  readonly finished: Finished;
  /** What the page shows: not what the server shows already. */
  readonly diagnostics: readonly Diagnostic[];
  /** Data that have no file. */
  readonly unbound: readonly Unbound[];
}

export interface Unbound {
  readonly name: string;
  /** `X: [n, d]`. */
  readonly declared: string;
  readonly rank: number;
}

export type FromRunner = Question | Advanced | Ended | { readonly kind: 'bug'; readonly message: string };

/** One end of the talk. */
export interface Port<Out, In> {
  readonly post: (message: Out, transfer?: readonly ArrayBuffer[]) => void;
  readonly listen: (hear: (message: In) => void) => void;
}
