/** The command line of the benchmark. */
import { parseArgs } from 'node:util';
import { contestants } from './contestants.ts';
import type { Group } from './rows.ts';

export interface Flags {
  /** Groups or beginnings of row names; empty: all. */
  readonly rows: readonly string[];
  /** A part of a row's name. */
  readonly only: string | undefined;
  /** Names of contestants; empty: all. Ours always take part. */
  readonly peers: readonly string[];
  readonly quick: boolean;
  readonly json: string | undefined;
  /** To measure a contestant in a row, all rounds together. */
  readonly seconds: number;
  readonly help: boolean;
}

export const usage = `npm run bench -- [flags]
  --rows a,b        only these groups, or rows whose names begin so (c.ridge)
  --only NAME       only rows with NAME in their names
  --peers a,b       only these contestants, and ours (${contestants.map(({ name }) => name).join(', ')})
  --quick           small sizes, short measurements
  --seconds S       to measure one contestant in one row (default 0.9, with --quick 0.2)
  --json FILE       write the figures there
  --plan            what the plan chooses and what would have been best, instead (--plan --help)
Without --rows, --only, --peers, --quick and --json the figures go to bench/last.json and bench/last.md.
`;

const list = (text: string | undefined): readonly string[] => text?.split(',').filter((word) => word !== '') ?? [];

/** Flags, or what is wrong with them. */
export function parseFlags(args: readonly string[]): Flags | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string' },
        only: { type: 'string' },
        peers: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        seconds: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const peers = list(values.peers);
    const unknown = peers.filter((peer) => !contestants.some(({ name }) => name === peer));
    if (unknown.length > 0) return `no contestant is called ${unknown.join(', ')}`;
    const seconds = values.seconds === undefined ? (values.quick ? 0.2 : 0.9) : Number(values.seconds);
    if (!(seconds > 0)) return '--seconds takes a positive number';
    return { rows: list(values.rows), only: values.only, peers, quick: values.quick, json: values.json, seconds, help: values.help };
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

export const isComplete = (flags: Flags): boolean =>
  flags.rows.length === 0 && flags.only === undefined && flags.peers.length === 0 && !flags.quick;

export const wants = (flags: Flags, row: { readonly id: string; readonly group: Group; readonly large: boolean }): boolean =>
  (flags.rows.length === 0 || flags.rows.some((name) => (name.length === 1 ? row.group === name : row.id.startsWith(name)))) &&
  (flags.only === undefined || row.id.includes(flags.only)) &&
  !(flags.quick && row.large);
