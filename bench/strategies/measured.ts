/** Opens every way of a group, measures them side by side, round by round, and lets go of them. */
import type { ProblemModule } from '../../plan/types.ts';
import type { BoundProblem } from '../../runtime/types.ts';
import { dataOf } from '../data.ts';
import { measure } from '../measure.ts';
import { boundTo, linkedModule, pageText, withMethods } from '../page.ts';
import type { Places } from '../places.ts';
import { byRounds, fewestRounds, median, type Round } from '../rounds.ts';
import { type Contender, type Found, openContender, openWhole, Refused } from './contender.ts';
import type { Group } from './groups.ts';
import { type Absent, type Failed, type GroupResult, judged, type Measured, trustedOf } from './judged.ts';
import { separately } from './separate.ts';
import type { Way } from './ways.ts';

/** Of what takes longer, one sample a round is enough; and of what takes so long, one round. */
const slowMs = 100;
const slowestMs = 500;

interface Ready {
  readonly contender: Contender;
  readonly found: Found;
}

type Named = readonly [string, () => Promise<Contender>];

interface Opened {
  readonly ready: readonly Ready[];
  readonly absent: readonly Absent[];
  readonly failed: readonly Failed[];
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Those that give a hypergradient at all. A refusal is an answer; anything else that is thrown is our bug. */
async function openAll(named: readonly Named[], progress: (name: string) => void): Promise<Opened> {
  const ready: Ready[] = [];
  const absent: Absent[] = [];
  const failed: Failed[] = [];
  for (const [name, open] of named) {
    progress(name);
    let contender: Contender | undefined;
    try {
      contender = await open();
      ready.push({ contender, found: await contender.find() });
    } catch (error) {
      contender?.close();
      if (error instanceof Refused) absent.push({ name, absent: error.message });
      else failed.push({ name, error: wordsOf(error) });
    }
  }
  return { ready, absent, failed };
}

async function measureAll(ready: readonly Ready[], seconds: number, progress: (name: string) => void): Promise<readonly Measured[]> {
  const timed = ready.map(({ contender, found }) => ({ contender, found, rounds: [] as Round[], prepared: [] as number[] }));
  const each = seconds / fewestRounds;
  const take = async ({ contender, rounds, prepared }: (typeof timed)[number], round: number): Promise<void> => {
    progress(`round ${round + 1}  ${contender.name}`);
    rounds.push(await measure(contender.run, each, round === 0 ? each : 0, slowMs));
    if (contender.prepare === undefined) return;
    const start = performance.now();
    await contender.prepare();
    prepared.push(performance.now() - start);
  };
  await byRounds(timed, ({ rounds }) => rounds, take, { slowMs: slowestMs, pauseMs: seconds * 1000 });
  return timed.map(({ prepared, ...rest }) => ({ ...rest, ...(prepared.length === 0 ? {} : { prepareMs: median(prepared) }) }));
}

interface Settings {
  readonly quick: boolean;
  /** To measure one way, all rounds together. */
  readonly seconds: number;
}

/** Name and opening of each contender: the group's ways, each page compiled and bound once, and the separate problems that folds stand for. */
function contendersOf(group: Group, ways: readonly Way[], sizes: Group['sizes'], { bench, digits }: Places): readonly Named[] {
  const { data, unfolded } = group;
  const arrays = dataOf({ data, sizes }, digits);
  const linked = new Map<Way['problem'], { readonly module: ProblemModule; readonly bound: Promise<BoundProblem> }>();
  const linkedOf = ({ problem }: Way): { readonly module: ProblemModule; readonly bound: Promise<BoundProblem> } => {
    const module = linkedModule(problem, 'float64', { threads: 1 });
    const there = linked.get(problem) ?? { module, bound: boundTo(module, arrays, sizes) };
    linked.set(problem, there);
    return there;
  };
  const named = ways.map((way): Named => {
    const open = async (): Promise<Contender> => {
      const { module, bound } = linkedOf(way);
      return (way.isWhole === true ? openWhole : openContender)(way, module, await bound);
    };
    return [way.name, open];
  });
  const [first] = ways;
  if (unfolded === undefined || first === undefined) return named;
  const apart = async (): Promise<Contender> => {
    const text = withMethods(pageText(bench, unfolded), []);
    return separately(text, await linkedOf(first).bound, arrays, sizes);
  };
  return [...named, ['separate problems', apart]];
}

export async function measureGroup(
  group: Group,
  { quick, seconds }: Settings,
  places: Places,
  progress: (detail: string) => void,
): Promise<GroupResult> {
  const { id, title, page } = group;
  const sizes = quick ? group.quick : group.sizes;
  const { ways, refusals } = group.ways(pageText(places.bench, page), sizes);
  const { ready, absent, failed } = await openAll(contendersOf(group, ways, sizes, places), progress);
  try {
    const measured = await measureAll(ready, seconds, progress);
    const trusted = trustedOf(measured);
    const rows = trusted === undefined ? [] : judged(measured, trusted);
    const nobody = trusted === undefined ? [{ name: 'all', error: 'no exact way converged' }] : [];
    return { id, title, sizes, trusted: trusted?.contender.name ?? '', rows, absent, failed: [...failed, ...nobody], refusals };
  } finally {
    for (const { contender } of ready) contender.close();
  }
}
