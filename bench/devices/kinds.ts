/** The kinds of rows that devices run: which page, which of its data are which arrays, and what of its hypergradient is compared. */
import type { Numbers } from '../rows.ts';

export const kinds = ['ridge-again', 'logistic', 'unrolled-logistic', 'unrolled-network'] as const;
export type Kind = (typeof kinds)[number];

export interface PageOf {
  readonly page: string;
  /** Statements in the place of the page's own, which ask for what float32 does not reach. */
  readonly methods?: readonly string[];
  /** By their names on the page, which those of the arrays are, too: their shapes, by names of sizes. */
  readonly data: Readonly<Record<string, readonly string[]>>;
  /** Of the row's numbers; their derivatives are compared, in this order. */
  readonly hypers: readonly string[];
  readonly isUnrolled: boolean;
}

/** Of the gradient's norm, for both sides. */
export const tolerance = 1e-5;

const trainAndValid = { X: ['n', 'd'], y: ['n'], Xv: ['m', 'd'], yv: ['m'] };

export const pages: Readonly<Record<Kind, PageOf>> = {
  'ridge-again': { page: 'ridge', data: trainAndValid, hypers: ['penalty'], isUnrolled: false },
  logistic: {
    page: 'logistic',
    methods: [`solve inner with lbfgs(tolerance = ${tolerance})`],
    data: trainAndValid,
    hypers: ['penalty'],
    isUnrolled: false,
  },
  'unrolled-logistic': { page: 'unrolled-logistic', data: trainAndValid, hypers: ['penalty', 'rate'], isUnrolled: true },
  'unrolled-network': {
    page: 'unrolled-network',
    data: { X: ['n', 'pixels'], y: ['n'], Xv: ['m', 'pixels'], yv: ['m'], W1: ['pixels', 'hidden'], W2: ['hidden', 'classes'] },
    hypers: ['decay', 'rate'],
    isUnrolled: true,
  },
};

/** A row as it travels to where its backend runs. */
export interface Task {
  readonly kind: Kind;
  readonly sizes: Numbers;
  readonly at: Numbers;
  readonly arrays: Readonly<Record<string, readonly number[]>>;
  /** The page's text. */
  readonly page: string;
}

/** One way to a hypergradient: the derivatives of the kind's hypers, where they stand. */
export interface Way {
  readonly run: (at: Numbers) => Promise<readonly number[]>;
  readonly close: () => void;
}

export const numberOf = (numbers: Numbers, name: string): number => {
  const value = numbers[name];
  if (value === undefined) throw new Error(`a row without ${name}`);
  return value;
};
