/**
 * What the compiler knows and the page does not say: the shape of what a `let`, a loop or a `scan` names, when a `let` is computed, and how
 * the inner problem is solved. The last takes derivatives, and comes only when it is asked for.
 */
import { InlayHintKind, type InlayHint } from 'vscode-languageserver-protocol';
import { printTensorType, printType } from '../../compiler/check/types.ts';
import type { TensorType } from '../../compiler/ir/graph.ts';
import { bindingTimes, type BindingTime } from '../../compiler/transform/staging.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { DeclaredName } from '../../grammar/names.ts';
import { typeAt, type Analysis } from '../analysis.ts';
import { planOf, whyChosen } from '../plans.ts';

/** Which of them are wanted. */
export interface WantedHints {
  readonly shapes: boolean;
  readonly stages: boolean;
  readonly strategy: boolean;
}

export function inlayHints(analysis: Analysis, within: Span, wanted: WantedHints): readonly InlayHint[] {
  const isWithin = ({ at }: Hint): boolean => within.start <= at && at <= within.end;
  const hints = [wanted.shapes ? shapes(analysis) : [], wanted.stages ? stages(analysis) : [], wanted.strategy ? plans(analysis) : []];
  return hints
    .flat()
    .filter(isWithin)
    .sort((a, b) => a.at - b.at)
    .map(({ at, ...hint }) => ({ position: analysis.document.positionAt(at), ...hint }));
}

type Hint = Omit<InlayHint, 'position'> & { readonly at: number };

/** Behind a whole statement. */
const behind = (at: number, label: string, tooltip: string): Hint => ({ at, label, tooltip, paddingLeft: true });

function shapes(analysis: Analysis): readonly Hint[] {
  return analysis.names().declared.flatMap((declared) => {
    const type = isUntyped(declared) ? typeAt(analysis, declared.span) : undefined;
    return type === undefined ? [] : [{ at: declared.span.end, label: `: ${typeText(type)}`, kind: InlayHintKind.Type }];
  });
}

/** Those that have a type, and nowhere to write it; a number is seen to be one. */
function isUntyped(declared: DeclaredName): boolean {
  if (declared.kind === 'let') return declared.node.value.kind !== 'number';
  return declared.kind === 'loop-variable' || declared.kind === 'state';
}

const typeText = (type: TensorType): string => (type.dtype === 'bool' ? printTensorType(type) : printType(type.dtype, type.shape));

/** The words, and what they mean; what is written out is no more than that. */
const stageOf: Readonly<Record<BindingTime, readonly [string, string] | undefined>> = {
  nothing: undefined,
  data: ['once', 'it depends on data alone: computed once'],
  hyper: ['outer', 'it depends on hypers: computed anew in each outer step'],
  noise: ['outer', 'it depends on noise that is drawn anew in each outer step'],
  state: ['inner', 'it depends on params, or on the step: computed anew where these change'],
};

/** Of the problems' own; what a function names is there anew in each call. */
const stages = ({ problems, names }: Analysis): readonly Hint[] =>
  problems().flatMap(({ program, move }) => {
    if (program === undefined) return [];
    const { lets, resamples } = program;
    const timeOf = bindingTimes(
      lets.map(({ value }) => value),
      resamples,
    );
    const valueOf = new Map(lets.map(({ span, value }) => [move(span).start, value]));
    return names().declared.flatMap((declared) => {
      // The results of one function are known together: the first name speaks for all.
      if (declared.kind !== 'let' || declared.node.names[0]?.span.start !== declared.span.start) return [];
      const value = valueOf.get(declared.span.start);
      const stage = value === undefined ? undefined : stageOf[timeOf(value)];
      return stage === undefined ? [] : [behind(declared.node.span.end, ...stage)];
    });
  });

const plans = (analysis: Analysis): readonly Hint[] =>
  analysis.parsed().value.items.flatMap((item) => {
    const found = item.kind === 'problem' ? planOf(analysis, item) : undefined;
    const chosen = found?.choice.chosen;
    if (item.kind !== 'problem' || found === undefined || chosen === undefined) return [];
    const inner = item.declarations.filter(({ kind }) => kind === 'inner');
    return inner.map(({ span }) => behind(span.end, chosen.id, whyChosen(found, chosen)));
  });
