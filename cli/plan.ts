/** `bilevel plan FILE`: every candidate, valid or not and why, what it would cost, the choice, and the stages of the chosen one. */
import type { Verdict } from '../plan/choose.ts';
import type { FoldsDescription, ProblemDescription } from '../plan/types.ts';
import { planDocument, planFacts, typeText, type PlanFacts } from '../library/plan-document.ts';
import { costText, unknownIn } from './costs.ts';
import { exit, type ExitCode } from './failure.ts';
import { memoryText } from './figures.ts';
import { readBackendFlags, type RawFlags } from './flags.ts';
import { dumped, loadProblem } from './load.ts';
import { sizesOf } from './bind.ts';
import type { Colors, Session } from './session.ts';
import { table, wrapText } from './table.ts';
import { compositeSentence } from './words.ts';

export async function plan(session: Session, file: string, flags: RawFlags): Promise<ExitCode> {
  const computing = readBackendFlags(flags);
  const loaded = await loadProblem(session, file, flags);
  if (await dumped(session, loaded, flags)) return exit.done;
  const problem = await loaded.compiled();
  const sizes = await sizesOf(session, loaded.description, flags);
  const facts = planFacts(problem, sizes, { ...computing, strategy: flags.strategy });
  session.print(planText(session, facts));
  session.document({ ...planDocument(facts) });
  return exit.done;
}

const memorySentence = (memory: PlanFacts['memory']): string =>
  'unknown' in memory
    ? `n/a: ${memory.unknown}`
    : `${memoryText(memory.bytes)}; the largest are ${memory.largest.map((b) => `${b.what} (${memoryText(b.bytes)})`).join(', ')}`;

/** What is said of one inner problem holds for each. */
function foldsText(folds: FoldsDescription): string {
  const each = ': an inner problem each, and the criterion is their mean; sizes, memory and costs are those of the largest';
  if (folds.by === 'count') return `${folds.count}${each}`;
  return `${folds.by === 'groups' ? `one for each value of \`${folds.data}\`` : 'one for each position that is left out'}${each}`;
}

function planText({ colors, width }: Session, { description, plan: candidates, choice, sizes, memory, costs }: PlanFacts): string {
  const { composite, degree, curvature } = description;
  const known = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`);
  const facts = [
    ['meaning', meaningText(description)],
    [
      'degree',
      `inner ${degreeText(degree.inner)}${composite === undefined ? '' : ' in its smooth part'}, outer ${degreeText(degree.outer)} in the params`,
    ],
    ...(composite === undefined ? [] : [['composite', compositeSentence(composite, description.meaning)]]),
    ['curvature', `${colors.bold(curvature.word)}: ${curvature.why}`],
    ...description.splits.flatMap(({ folds }) => (folds === undefined ? [] : [['folds', foldsText(folds)]])),
    ['sizes', known.length === 0 ? 'not known' : known.join(', ')],
    ['memory', memorySentence(memory)],
  ];
  const hypers = description.hypers.map((h) => [
    h.name,
    typeText(h),
    h.acts.length === 0 ? colors.yellow('does not reach the criterion') : `acts ${h.acts.join(', ')}`,
  ]);
  const environment = { ...candidates.assumptions, ...sizes };
  const order = choice.verdicts;
  const costOf = (v: Verdict, what: 'flops' | 'bytes', unit: string): string => {
    const cost = costs.get(v.id)?.[what];
    return cost === undefined ? '' : costText(cost, environment, unit);
  };
  const verdicts = order.map((v, index) => [
    v.verdict === 'chosen' ? colors.green('→') : '',
    v.verdict === 'refused' ? '-' : String(index + 1),
    v.strategy,
    v.solver,
    verdictWord(v, colors),
    costOf(v, 'flops', 'flop'),
    costOf(v, 'bytes', 'B'),
  ]);
  const whys = (strategy: string): number => new Set(order.filter((v) => v.strategy === strategy).map((v) => v.why)).size;
  // Solvers of one strategy share a reason, said once; where it has several, each names the first of its candidates.
  const reasons = new Map<string, readonly string[]>();
  for (const v of order) {
    const key = `${v.strategy} ${v.why}`;
    if (!reasons.has(key)) reasons.set(key, [whys(v.strategy) > 1 ? v.id : v.strategy, v.why]);
  }
  const heads = ['', '', 'strategy', 'solver', 'verdict', 'flops', 'moved'].map((head) => colors.dim(head));
  const section = (title: string, body: string): string => `${colors.bold(title)}\n${body}`;
  const sections = [
    `${colors.bold(description.name)}\n${table(facts, { indent: 2, width })}`,
    section('hypers', table(hypers, { indent: 2, width })),
    section('candidates, in the order of decision', table([heads, ...verdicts], { align: 'lr' })),
    section('why', table([...reasons.values()], { indent: 2, width })),
  ];
  const used = [...new Set([...costs.values()].flatMap((c) => unknownIn(c.flops, sizes)))].filter((name) => name in candidates.assumptions);
  if (used.length > 0) {
    const counts = used.map((name) => `${name.replace(/^T_/, '')} ${candidates.assumptions[name]}`).join(', ');
    const sentence = `Steps that these costs assume before a run has counted them: ${counts}. --json has every cost in full.`;
    sections.push(
      wrapText(sentence, width)
        .map((line) => colors.dim(line))
        .join('\n'),
    );
  }
  const { chosen } = choice;
  if (chosen === undefined) return [...sections, colors.yellow('no candidate can be chosen')].join('\n\n');
  const stages = (costs.get(chosen.id)?.stages ?? []).map((s) => [s.stage, costText(s.flops, environment, 'flop'), s.what]);
  return [...sections, section(`stages of ${chosen.id}`, table(stages, { indent: 2, width }))].join('\n\n');
}

const meaningText = ({ meaning }: ProblemDescription): string =>
  meaning === 'minimiser'
    ? 'minimiser: the criterion is evaluated where the inner loss is least'
    : 'recipe: the criterion is evaluated after exactly the steps written';

const degreeWords = ['constant', 'linear', 'quadratic', 'cubic'];
const degreeText = (degree: number | null): string =>
  degree === null ? 'not a polynomial' : (degreeWords[degree] ?? `of degree ${degree}`);

function verdictWord({ verdict }: Verdict, colors: Colors): string {
  switch (verdict) {
    case 'chosen':
      return colors.green(verdict);
    case 'valid':
      return verdict;
    case 'sizes unknown':
    case 'not for these sizes':
      return colors.yellow(verdict);
    case 'refused':
      return colors.dim(verdict);
  }
}
