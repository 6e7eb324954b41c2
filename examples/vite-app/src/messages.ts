/** What the page and its worker say to each other. Everything here can be sent. */

export type ProblemName = 'ridge' | 'hyper-cleaning';

/** To the worker. It solves one problem and is let go then. */
export type Request =
  | {
      readonly kind: 'solve';
      readonly problem: ProblemName;
      /** Leaves out the last label, to see what is said of it. */
      readonly spoil: boolean;
    }
  | { readonly kind: 'stop' };

/** One outer step. */
export interface Step {
  readonly step: number;
  readonly outer: number;
  /** The problem's one hyper, flat. */
  readonly hyper: ArrayLike<number>;
}

/** The images of the training rows, 8 × 8 each, what they are labelled, and what was written. */
export interface Digits {
  readonly images: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly written: ArrayLike<number>;
}

export interface Result {
  readonly outerStatus: string;
  readonly outer: number;
  readonly report: Readonly<Record<string, number>>;
  readonly strategy: string;
  readonly solver: string;
  readonly threads: number;
  readonly why: string;
  readonly milliseconds: number;
}

export interface Failure {
  readonly title: string;
  readonly message: string;
  /** Where in the page's text, as offsets. */
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

/** From the worker. */
export type Answer =
  | { readonly kind: 'digits'; readonly digits: Digits }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly failure: Failure };
