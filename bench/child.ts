/** A contestant's process: `node child.js MODULE OPTIONS`, then one JSON line in, one out. Knows rows only by the functions of the contestant. */
import { createInterface } from 'node:readline';
import { type Contestant, type ContestantModule, type Options, type Work, NotYet, inputOf } from './contestant.ts';
import { fingerprint } from './fingerprint.ts';
import { measure } from './measure.ts';
import type { Answer, EndRequest, RowRequest } from './protocol.ts';

const words = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

// The protocol owns stdout; a library that prints goes to stderr.
const say = (answer: Answer): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
const toStderr = (...parts: unknown[]): void => void process.stderr.write(`${parts.map(String).join(' ')}\n`);
Object.assign(console, { log: toStderr, info: toStderr, debug: toStderr });

interface Prepared {
  readonly key: string;
  readonly work: Work;
}

async function answerRow(contestant: Contestant, request: RowRequest, held: Prepared | undefined): Promise<[Answer, Prepared | undefined]> {
  const key = `${request.row} ${request.dataDir}`;
  if (held?.key !== key) held?.work.dispose?.();
  const prepare = contestant.rows[request.row];
  if (typeof prepare === 'string') return [{ absent: prepare }, undefined];
  const fresh = held?.key !== key;
  const work = held?.key === key ? held.work : await prepare(inputOf(request.sizes, request.at, request.dataDir));
  const { times, cores } = await measure(work.run, request.seconds, fresh ? request.warmSeconds : 0);
  const check = fingerprint(await work.result());
  return [
    { times_ms: times, check, cores, ...(work.note === undefined ? {} : { note: work.note }) },
    { key, work },
  ];
}

async function serve(module: string, options: Options): Promise<void> {
  let contestant: Contestant;
  try {
    const { open } = (await import(`./contestants/${module}.js`)) as ContestantModule;
    contestant = await open(options);
  } catch (error) {
    say({ absent: words(error) });
    return;
  }
  say({ ready: contestant.versions });
  let held: Prepared | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as RowRequest | EndRequest;
    if ('end' in request) {
      held?.work.dispose?.();
      held = undefined;
      say({ ended: true });
      continue;
    }
    try {
      const [answer, prepared] = await answerRow(contestant, request, held);
      held = prepared;
      say(answer);
    } catch (error) {
      held = undefined;
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      say(error instanceof NotYet ? { notYet: true } : { error: words(error) });
    }
  }
}

const [module = '', options = '{}'] = process.argv.slice(2);
await serve(module, JSON.parse(options) as Options);
