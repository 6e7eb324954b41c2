/** What `bilevel explain` and the pages under `docs/diagnostics/` say about a code. */
export interface Explanation {
  /** A paragraph or two: the rule, why it is one, the way out. */
  readonly explain: string;
  /** The smallest text that earns it (a `.bilevel` page, or a command and a data file). */
  readonly example: string;
}

/** By code; `catalogue.ts` joins them with the kinds, and a code without one is our mistake. */
export type Explanations = Readonly<Record<string, Explanation>>;
