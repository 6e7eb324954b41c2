/**
 * What the compiler decided about a problem, on the words that it decided for: `inner minimize`, `outer minimize`, `solve …`,
 * `differentiate`; and how a hyper acts.
 */
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Declaration, ProblemNode } from '../../grammar/ast.ts';
import type { DeclaredName } from '../../grammar/names.ts';
import { memoryText, shareText, timeText } from '../../library/figures.ts';
import type { PlannedCandidate, PlannedMemory } from '../../library/plan-document.ts';
import { actsText, compositeSentence, degreeText, meaningText } from '../../library/plan-words.ts';
import type { Verdict } from '../../plan/decide.ts';
import type { MethodDescription } from '../../plan/types.ts';
import type { Analysis } from '../analysis.ts';
import { planOf, whyChosen, type ProblemPlan } from '../plans.ts';

/** In Markdown, and the words that it is said of. */
export function planAt(analysis: Analysis, offset: number): { readonly said: readonly string[]; readonly span: Span } | undefined {
  for (const item of analysis.parsed().value.items) {
    if (item.kind !== 'problem') continue;
    for (const declaration of item.declarations) {
      const head = headOf(declaration, analysis);
      if (head === undefined || offset < head.start || offset > head.end) continue;
      const found = planOf(analysis, item);
      if (found === undefined) return undefined;
      return { said: said(declaration.kind, found), span: head };
    }
  }
  return undefined;
}

/** How a hyper reaches the criterion; nothing of another name. */
export function actsOf(analysis: Analysis, declared: DeclaredName): readonly string[] {
  if (declared.kind !== 'hyper') return [];
  const problem = analysis
    .parsed()
    .value.items.find((item): item is ProblemNode => item.kind === 'problem' && item.span.start === declared.scope.start);
  const hypers = (problem && planOf(analysis, problem))?.description.hypers ?? [];
  return hypers.filter(({ name }) => name === declared.name).map(actsText);
}

/** The words with which such a statement begins. */
function headOf(declaration: Declaration, { document }: Analysis): Span | undefined {
  const { span } = declaration;
  switch (declaration.kind) {
    case 'inner':
    case 'outer': {
      const words = document.getText().slice(span.start, declaration.value.span.start).trimEnd();
      return { ...span, end: span.start + words.length };
    }
    case 'solve-inner':
    case 'solve-outer':
    case 'differentiate':
      return { ...span, end: declaration.method.callee.span.end };
    default:
      return undefined;
  }
}

function said(kind: Declaration['kind'], found: ProblemPlan): readonly string[] {
  const { description, choice } = found;
  switch (kind) {
    case 'outer':
    case 'solve-outer':
      return [
        `The criterion is ${degreeText(description.degree.outer)} in the params.`,
        list(description.hypers.map((hyper) => `\`${hyper.name}\` ${actsText(hyper)}`)),
        `Solved by ${methodText(description.outer)}`,
      ];
    case 'differentiate':
      return [chosenText(found), list(choice.verdicts.filter(({ verdict }) => verdict !== 'chosen').map(verdictText))];
    default:
      return [...innerText(found), chosenText(found)];
  }
}

function innerText({ description }: ProblemPlan): readonly string[] {
  const { composite, degree, curvature, kinks, meaning } = description;
  return [
    `A ${meaningText(description)}.`,
    list([
      `degree: ${degreeText(degree.inner)} in the params${composite === undefined ? '' : ', in its smooth part'}`,
      `curvature: **${curvature.word}**: ${curvature.why}`,
      ...(composite === undefined ? [] : [`composite: ${compositeSentence(composite, meaning)}`]),
      ...(kinks.length === 0 ? [] : [`kinks: ${kinks.map((op) => `\`${op}\``).join(', ')}`]),
    ]),
  ];
}

function chosenText(found: ProblemPlan): string {
  const { chosen } = found.choice;
  if (chosen === undefined) return 'No strategy can be chosen.';
  const predicted = predictedText(
    found.document?.candidates.find(({ id }) => id === chosen.id),
    found.document?.memory ?? undefined,
  );
  return [`Solved and differentiated by **${chosen.id}**: ${whyChosen(found, chosen)}`, ...predicted].join('\n\n');
}

/** What a hypergradient is predicted to take, as far as sizes are known. */
function predictedText(planned: PlannedCandidate | Verdict | undefined, memory: PlannedMemory | undefined): readonly string[] {
  if (planned === undefined || !('error' in planned)) return [];
  const { predicted, error } = planned;
  const parts = [
    ...(predicted === undefined ? [] : [timeText(predicted)]),
    ...(memory === undefined ? [] : [memoryText(memory.bytes)]),
    ...(error.share === undefined ? [] : [`a relative error ${shareText(error.share)}`]),
  ];
  return parts.length === 0 ? [] : [`Predicted for one hypergradient: ${parts.join(', ')}.`];
}

const verdictText = ({ id, verdict, why }: Verdict): string => `${id}, ${verdict}: ${why}`;

function methodText({ name, options }: MethodDescription): string {
  const given = Object.entries(options).map(([option, value]) => `${option} = ${value}`);
  return `\`${name}${given.length === 0 ? '' : `(${given.join(', ')})`}\``;
}

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
