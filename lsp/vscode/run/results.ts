/**
 * What there is to see of a run, and how each event changes it: one state, which the extension keeps and the view draws. Plain data, fit for
 * `postMessage`. Knows neither VS Code nor a page of HTML.
 */
import type { Severity } from '../../../diagnostics/diagnostic.ts';
import type { Tone } from '../../../library/words.ts';

/** What can be done with a problem. */
export type Action = 'run' | 'gradient' | 'plan' | 'verify';

/** What each is called, in the view and in progress. */
export const actionWords: Readonly<Record<Action, string>> = {
  run: 'Run',
  gradient: 'Check gradient',
  plan: 'Explain plan',
  verify: 'Compare strategies',
};

/** A hyper as the chart draws it: a curve for each of these elements. */
export interface Charted {
  readonly name: string;
  /** `penalty`, `weight[3]`: of long hypers a few, evenly spread. */
  readonly elements: readonly string[];
  /** How many elements there are. */
  readonly size: number;
}

/** One outer step. */
export interface Step {
  readonly start: number;
  readonly step: number;
  readonly criterion: number;
  readonly gradientNorm: number;
  readonly innerSteps: number;
  readonly elapsedMs: number;
  /** Of each charted hyper, its elements. */
  readonly hypers: readonly (readonly number[])[];
}

export type Cell = string | { readonly text: string; readonly tone: Tone | 'strong' | 'quiet' };

export interface Table {
  readonly title: string;
  readonly heads?: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Columns of figures, from 0. */
  readonly figures?: readonly number[];
  readonly note?: string;
}

/** A figure that tells most, and what it means. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly tone?: Tone;
  readonly means: string;
}

/** A diagnostic as the view says it. */
export interface Said {
  readonly severity: Severity;
  readonly code: string;
  /** `ridge.bilevel:4:8`; empty where it is about no place. */
  readonly where: string;
  readonly message: string;
  readonly hints: readonly string[];
}

export type State = 'running' | 'done' | 'failed' | 'cancelled';

export interface Results {
  readonly action: Action;
  /** The URI of the page, its name, and the problem. */
  readonly uri: string;
  readonly page: string;
  readonly problem: string;
  readonly state: State;
  /** What is being done, or how it ended. */
  readonly words: string;
  readonly hypers: readonly Charted[];
  readonly steps: readonly Step[];
  /** With several starts the one that holds the result. */
  readonly best?: number;
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  readonly said: readonly Said[];
  /** What the command line prints with `--json`. */
  readonly json?: string;
}

export interface Begun extends Pick<Results, 'action' | 'uri' | 'page' | 'problem'> {
  readonly kind: 'begun';
}
/** Steps that were taken since the last event, with words for where the run is. */
export interface Advanced extends Pick<Results, 'words' | 'hypers' | 'steps'> {
  readonly kind: 'advanced';
  /** The share of all steps, where there is a limit. */
  readonly share?: number;
}
export interface Finished extends Omit<Results, 'action' | 'uri' | 'page' | 'problem' | 'hypers' | 'steps'> {
  readonly kind: 'finished';
  readonly state: Exclude<State, 'running'>;
}
export type Event = Begun | Advanced | Finished;

/** What there is to see after an event; undefined before the first, and where nothing had begun. */
export function after(results: Results | undefined, event: Event): Results | undefined {
  if (event.kind === 'begun') {
    const { kind: _, ...begun } = event;
    return { ...begun, state: 'running', words: 'the page is compiled', hypers: [], steps: [], figures: [], tables: [], said: [] };
  }
  if (results?.state !== 'running') return results;
  if (event.kind === 'advanced') {
    const hypers = results.hypers.length === 0 ? event.hypers : results.hypers;
    return { ...results, words: event.words, hypers, steps: [...results.steps, ...event.steps] };
  }
  const { kind: _, ...finished } = event;
  return { ...results, ...finished };
}
