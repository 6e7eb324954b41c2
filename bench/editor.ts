/**
 * `npm run bench:editor`: how long an editor waits for the language server on a page of five hundred lines that is being written. The server
 * is the program's, in a process of its own, and each keystroke is one character. Fails where a figure is above what it may be.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  createProtocolConnection,
  LSPErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type SemanticTokens,
  type SemanticTokensDelta,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { analyse } from '../lsp/analysis.ts';
import { command, figuresJson, machine, markdownTable, milliseconds, progress, say, textTable } from './output.ts';
import { placesOf } from './places.ts';

const usage = `npm run bench:editor -- [flags]
  --keystrokes N    of each measurement (default 150)
  --json FILE       write the figures there
Without flags the figures go to bench/editor.json and bench/editor.md.
`;

interface Flags {
  readonly keystrokes: number;
  readonly json: string | undefined;
  readonly isDefault: boolean;
  readonly help: boolean;
}

function parseFlags(words: readonly string[]): Flags | string {
  try {
    const options = {
      keystrokes: { type: 'string', default: '150' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ args: [...words], options });
    const keystrokes = Number(values.keystrokes);
    if (!Number.isInteger(keystrokes) || keystrokes < 20) return '--keystrokes takes a whole number, 20 or more';
    return { keystrokes, json: values.json, isDefault: words.length === 0, help: values.help };
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

/** The examples whose problems the page is made of, one behind the other. */
const parts = [
  ...['few-shot', 'echo-state', 'hyper-cleaning', 'distillation', 'gaussian-process', 'denoising', 'adam-settings', 'portfolio'],
  ...['old-samples', 'ridge', 'weight-decay', 'robust', 'poisson', 'overfitting', 'lasso', 'elastic-net', 'logistic'],
];
const lineCount = 500;

/** Five hundred lines, but for those of a problem that would be cut. */
function writtenPage(root: string): string {
  const lines = parts.flatMap((name) => readFileSync(join(root, 'examples', name, `${name}.bilevel`), 'utf8').split('\n'));
  const whole = lines.slice(0, lineCount);
  // The last problem ends where its last closing brace is.
  return `${whole.slice(0, whole.lastIndexOf('}') + 1).join('\n')}\n`;
}

const typed = ' + 0.1 * log(1 + sum(w^2))';

/** A page, and a hand that writes at one place of it and takes away again what it wrote. */
class Hand {
  private document: TextDocument;
  private readonly start: number;
  private length = 0;
  private isWriting = true;
  version = 1;

  constructor(text: string) {
    this.document = TextDocument.create('file:///page.bilevel', 'bilevel', 1, text);
    const middle = text.indexOf('inner minimize', text.length / 3);
    this.start = text.indexOf('\n', middle);
  }

  get text(): string {
    return this.document.getText();
  }

  /** Behind what has been written. */
  get position() {
    return this.document.positionAt(this.start + this.length);
  }

  press() {
    if (this.length === typed.length) this.isWriting = false;
    if (this.length === 0) this.isWriting = true;
    const at = this.start + this.length;
    const [from, to, text] = this.isWriting ? [at, at, typed[this.length] ?? ''] : [at - 1, at, ''];
    const change = { range: { start: this.document.positionAt(from), end: this.document.positionAt(to) }, text };
    this.length += this.isWriting ? 1 : -1;
    this.version += 1;
    this.document = TextDocument.update(this.document, [change], this.version);
    return { textDocument: { uri: this.document.uri, version: this.version }, contentChanges: [change] };
  }
}

/** The program's server, with one page open. */
class Server {
  readonly client: ProtocolConnection;
  readonly hand: Hand;
  private readonly process: ChildProcess;

  private constructor(root: string, text: string) {
    const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.process = child;
    this.client = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    this.client.listen();
    this.hand = new Hand(text);
  }

  static async start(root: string, text: string, capabilities: object): Promise<Server> {
    const server = new Server(root, text);
    await server.client.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities });
    await server.client.sendNotification('initialized', {});
    await server.client.sendNotification('textDocument/didOpen', {
      textDocument: { ...server.named, languageId: 'bilevel', version: 1, text },
    });
    return server;
  }

  readonly named = { uri: 'file:///page.bilevel' };

  press(): Promise<void> {
    return this.client.sendNotification('textDocument/didChange', this.hand.press());
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    await this.client.sendRequest('shutdown');
    await this.client.sendNotification('exit');
    await ended;
    this.client.dispose();
  }
}

interface Measured {
  readonly what: string;
  readonly times: readonly number[];
  /** Milliseconds that 95 of 100 may take at most. */
  readonly limit: number;
}

const share = (times: readonly number[], part: number): number =>
  times.toSorted((a, b) => a - b)[Math.ceil(part * times.length) - 1] ?? Number.NaN;

/** A hand rests a little between keystrokes, so that none waits for what the one before has left to do. */
const pause = 120;
/** Not counted: what is compiled while it first runs. */
const warming = 30;

async function timed(what: string, limit: number, count: number, once: () => number | Promise<number>): Promise<Measured> {
  const times: number[] = [];
  for (let k = -warming; k < count; k++) {
    progress(what, `  ${Math.max(0, k)} of ${count}`);
    const time = await once();
    if (k >= 0) times.push(time);
    await sleep(k < 0 ? 10 : pause);
  }
  progress('');
  return { what, limit, times };
}

async function since(begin: number, answer: Promise<unknown>): Promise<number> {
  await answer;
  return performance.now() - begin;
}

function checking(text: string, count: number): Promise<Measured> {
  const hand = new Hand(text);
  const analysed = (kept?: Parameters<typeof analyse>[2]) =>
    analyse(TextDocument.create('file:///page.bilevel', 'bilevel', 1, hand.text), () => undefined, kept);
  let last = analysed();
  last.checked();
  return timed('parse and check', 20, count, () => {
    hand.press();
    const begin = performance.now();
    last = analysed(last.kept());
    last.checked();
    return performance.now() - begin;
  });
}

async function requests(root: string, text: string, count: number): Promise<readonly Measured[]> {
  const server = await Server.start(root, text, {
    textDocument: { diagnostic: {}, completion: { completionItem: { snippetSupport: true } } },
  });
  const { client, hand, named } = server;
  const pressed = async (method: string, more: () => object = () => ({})): Promise<number> => {
    await server.press();
    return since(performance.now(), client.sendRequest(method, { textDocument: named, ...more() }));
  };
  const { resultId } = await client.sendRequest<SemanticTokens>('textDocument/semanticTokens/full', { textDocument: named });
  let previousResultId = resultId;
  const tokens = async (): Promise<number> => {
    await server.press();
    const begin = performance.now();
    const answer = await client.sendRequest<SemanticTokensDelta>('textDocument/semanticTokens/full/delta', {
      textDocument: named,
      previousResultId,
    });
    previousResultId = answer.resultId;
    return performance.now() - begin;
  };
  const measured = [
    await timed('completion', 30, count, () => pressed('textDocument/completion', () => ({ position: hand.position }))),
    await timed('hover', 15, count, () => pressed('textDocument/hover', () => ({ position: { ...hand.position, character: 20 } }))),
    await timed('semantic tokens', 10, count, tokens),
    await timed('diagnostics that are asked for', 150, count, () => pressed('textDocument/diagnostic')),
  ];
  await server.stop();
  return measured;
}

async function pushed(root: string, text: string, count: number): Promise<Measured> {
  const server = await Server.start(root, text, {});
  const told = (version: number): Promise<void> =>
    new Promise((resolve) => {
      const listening = server.client.onNotification('textDocument/publishDiagnostics', (found: PublishDiagnosticsParams) => {
        if (found.version !== version) return;
        listening.dispose();
        resolve();
      });
    });
  const measured = await timed('diagnostics that are told', 150, count, async () => {
    await server.press();
    return since(performance.now(), told(server.hand.version));
  });
  await server.stop();
  return measured;
}

/** What an editor asks of a page at each keystroke. */
const asked = ['semanticTokens/full', 'inlayHint', 'documentSymbol'] as const;

/** An answer, also that the page has changed since. */
async function answer(client: ProtocolConnection, method: string, parameters: object): Promise<unknown> {
  try {
    return await client.sendRequest(method, parameters);
  } catch (error) {
    if (error instanceof ResponseError && error.code === LSPErrorCodes.ContentModified) return undefined;
    throw error;
  }
}

interface Burst {
  readonly keystrokes: number;
  /** At a keystroke, of the earlier ones: those whose analysis was still to come. */
  readonly queued: number;
  /** From the last keystroke to its answer, in milliseconds. */
  readonly last: number;
}

/** Twenty keystrokes a second for ten seconds, each with what an editor asks at each: colours, hints, and what is wrong. */
async function burst(root: string, text: string): Promise<Burst> {
  const server = await Server.start(root, text, { textDocument: { diagnostic: {} } });
  const { client, named } = server;
  const range = { start: { line: 0, character: 0 }, end: { line: lineCount, character: 0 } };
  const keystrokes = 200;
  let [waiting, queued] = [0, 0];
  let answered: Promise<unknown> = Promise.resolve();
  let began = performance.now();
  for (let k = -warming; k < keystrokes; k++) {
    progress('twenty keystrokes a second', `  ${Math.max(0, k)} of ${keystrokes}`);
    if (k >= 0) queued = Math.max(queued, waiting);
    await server.press();
    began = performance.now();
    waiting += 1;
    answered = Promise.all(asked.map((what) => answer(client, `textDocument/${what}`, { textDocument: named, range }))).then(
      () => (waiting -= 1),
    );
    await sleep(50 - (performance.now() - began));
  }
  const last = await since(began, answered);
  progress('');
  await server.stop();
  return { keystrokes, queued, last };
}

const key =
  'Milliseconds from a keystroke to the answer, in an inner loss in the middle of the page, which is broken by half of the keystrokes. The page is made of examples, one problem behind the other. What is told without being asked waits until the page has rested for 60 ms.';

const tableOf = (all: readonly Measured[]): readonly (readonly string[])[] => [
  ['', 'median', '95 of 100', 'at most'],
  ...all.map(({ what, times, limit }) => [what, milliseconds(share(times, 0.5)), milliseconds(share(times, 0.95)), String(limit)]),
];

const burstText = ({ keystrokes, queued, last }: Burst): string =>
  `Twenty keystrokes a second, ${keystrokes} in all: at most ${queued} analysis was still to come at the next one; the last was answered after ${milliseconds(last)} ms.`;

async function run({ keystrokes, json, isDefault }: Flags): Promise<number> {
  const { root, bench } = placesOf(process.env);
  const text = writtenPage(root);
  const lines = text.split('\n').length - 1;
  const all = [await checking(text, keystrokes), ...(await requests(root, text, keystrokes)), await pushed(root, text, keystrokes)];
  const quick = await burst(root, text);
  const about = `A page of ${lines} lines. ${Object.values(machine()).join(', ')}.`;
  process.stdout.write(`${[about, ...textTable(tableOf(all)), burstText(quick)].join('\n')}\n`);
  const figures = all.map(({ what, times, limit }) => ({
    what,
    medianMs: share(times, 0.5),
    p95Ms: share(times, 0.95),
    limitMs: limit,
    samples: times.length,
  }));
  const report = { machine: machine(), lines, figures, burst: quick };
  if (json !== undefined) writeFileSync(json, figuresJson(report));
  if (isDefault) {
    writeFileSync(join(bench, 'editor.json'), figuresJson(report));
    const made = `Made by \`npm run bench:editor\`; see README.md. ${about}`;
    writeFileSync(
      join(bench, 'editor.md'),
      `${['# What an editor waits for', made, key, markdownTable(tableOf(all)), burstText(quick)].join('\n\n')}\n`,
    );
  }
  const wrong = figures.filter(({ p95Ms, limitMs }) => !(p95Ms <= limitMs));
  for (const { what, p95Ms, limitMs } of wrong) say(`!! ${what}: ${milliseconds(p95Ms)} ms, and it may take ${limitMs}\n`);
  if (quick.queued > 1) say(`!! ${quick.queued} analyses were queued, and it may be one\n`);
  return wrong.length > 0 || quick.queued > 1 ? 1 : 0;
}

process.exitCode = await command(parseFlags, usage, run);
