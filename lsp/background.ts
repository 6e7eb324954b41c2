/**
 * What is looked at when a page has rested, and nobody waits for: derivatives, the data that a page names, and plans with their costs at the
 * sizes of these. Each page is looked at a problem at a time, so that requests come in between; a later text begins the rest anew.
 */
import { dataFacts, type DataFacts } from '../library/data-facts.ts';
import { planDocument, planFacts } from '../library/plan-document.ts';
import { knownSizes } from '../plan/splits.ts';
import type { ProblemDescription } from '../plan/types.ts';
import type { Analysis } from './analysis.ts';
import type { Host } from './host.ts';
import { breath } from './inbox.ts';

/** How long a page rests before it is worth a longer look, in milliseconds. */
const REST = 300;

export class Background {
  private readonly waiting = new Map<string, ReturnType<typeof setTimeout>>();
  private looked = new WeakSet<Analysis>();
  private isStopped = false;
  /** Of each page, what the files that it names were found to be, by all that it depends on. */
  private readonly found = new Map<string, ReadonlyMap<string, DataFacts>>();
  private readonly host: Host;
  private readonly page: (uri: string) => Analysis | undefined;
  private readonly news: () => void;

  /** `page`: the analysis of its present text, where it is open. `news`: more is known of a page than before. */
  constructor(host: Host, page: (uri: string) => Analysis | undefined, news: () => void) {
    this.host = host;
    this.page = page;
    this.news = news;
  }

  /** Whether all is known of it that ever will be. */
  hasLooked(analysis: Analysis): boolean {
    return this.looked.has(analysis);
  }

  /** Looks at a page when it has rested. Rejections are the caller's to tell. */
  lookSoon(uri: string, failed: (error: unknown) => void): void {
    clearTimeout(this.waiting.get(uri));
    const look = (): void => {
      this.waiting.delete(uri);
      this.look(uri).catch((error: unknown) => {
        if (!this.isStopped) failed(error);
      });
    };
    this.waiting.set(uri, setTimeout(look, REST));
  }

  /** Files are not what they were. */
  lookAnew(uris: readonly string[], failed: (error: unknown) => void): void {
    this.looked = new WeakSet();
    for (const uri of uris) this.lookSoon(uri, failed);
  }

  forget(uri: string): void {
    clearTimeout(this.waiting.get(uri));
    this.waiting.delete(uri);
    this.found.delete(uri);
  }

  /** Nobody is told any more. */
  stop(): void {
    this.isStopped = true;
    for (const timer of this.waiting.values()) clearTimeout(timer);
  }

  private async look(uri: string): Promise<void> {
    const analysis = this.page(uri);
    if (analysis === undefined || this.looked.has(analysis)) return;
    const found = new Map<string, DataFacts>();
    const isClosed = (): boolean => this.isStopped || this.page(uri) === undefined;
    for (const { compiled } of analysis.problems()) {
      await breath();
      // `waiting`: a later text has begun to rest.
      if (isClosed() || this.waiting.has(uri)) return;
      const { value } = compiled();
      if (value === undefined) continue;
      const { description } = value.module;
      const data = await this.dataOf(description, this.found.get(uri), found);
      await breath();
      if (analysis.insights.get(value)?.data === data) continue;
      const facts = planFacts(value, { ...knownSizes(description), ...data.sizes }, { backend: 'wasm', precision: 'f64' });
      analysis.insights.set(value, { data, sizes: facts.sizes, plan: planDocument(facts) });
    }
    if (isClosed()) return;
    this.found.set(uri, found);
    this.looked.add(analysis);
    this.news();
  }

  private async dataOf(
    description: ProblemDescription,
    before: ReadonlyMap<string, DataFacts> | undefined,
    found: Map<string, DataFacts>,
  ): Promise<DataFacts> {
    const { files } = this.host;
    if (files === undefined) return nothing;
    const named: string[] = [];
    for (const { from, span } of description.data) {
      const file = from && files.resolve(from.file, span.file);
      if (file !== undefined) named.push(file);
      // Where it is nobody can tell, nor what it says.
      else if (from !== undefined) return nothing;
    }
    const stamps = await Promise.all(named.map(async (file) => `${file} ${await files.stamp(file)}`));
    const { data, splits, dims } = description;
    const key = JSON.stringify([data, splits, dims, stamps]);
    const facts = before?.get(key) ?? (await dataFacts(description, files));
    found.set(key, facts);
    return facts;
  }
}

const nothing: DataFacts = { diagnostics: [] };

/** Takes the derivatives of a page, a problem at a time: what comes meanwhile is answered, and what has become stale ends. */
export async function deriveInTurns(analysis: Analysis, isStale: () => boolean): Promise<void> {
  for (const problem of analysis.problems()) {
    if (isStale()) return;
    if (problem.compiled.isMade()) continue;
    problem.compiled();
    await breath();
  }
}
