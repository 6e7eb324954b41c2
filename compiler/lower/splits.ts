/** What a split brings into the scope of its problem: index sets, that are the same for all or vary over folds. */
import { behind, didYouMean, perhaps } from '../../diagnostics/fix.ts';
import type { Hint } from '../../diagnostics/diagnostic.ts';
import { declaring } from '../check/home.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import { wrongArgument } from '../../diagnostics/names.ts';
import { badSplit, variesOverFolds } from '../../diagnostics/splits.ts';
import type { Expression, Identifier, SplitDeclaration } from '../../grammar/ast.ts';
import { closest } from '../../grammar/spelling.ts';
import type { FoldsDescription } from '../../plan/types.ts';
import type { Scope } from '../check/scope.ts';
import { namesOf, symbol, type Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { DataInfo, HyperInfo, IndexSetInfo, SplitInfo } from '../program.ts';
import { reach } from '../transform/reach.ts';
import { refuse, type Context } from './context.ts';
import type { Declarer } from './declarations.ts';
import { staticNumber } from './static.ts';

/** Where a split is declared. `splittable`: the dims that data may bind, names that stand for themselves. */
interface Place {
  readonly c: Context;
  readonly scope: Scope;
  readonly declarer: Declarer;
  readonly splittable: ReadonlySet<string>;
}

/** Declares the index sets even of a split that is refused, so that what uses them is still checked. */
export function readSplits(place: Place, declarations: readonly SplitDeclaration[]): readonly SplitInfo[] {
  const [first, second] = declarations.filter(({ by }) => by !== undefined);
  if (first !== undefined && second !== undefined) {
    const labels = [{ span: first.span, message: 'the folds are made here' }];
    place.c.report(badSplit({ span: second.span, labels }, { because: 'a problem has the folds of one split' }));
  }
  return declarations.flatMap((declaration) => readSplit(place, declaration) ?? []);
}

function readSplit(place: Place, declaration: SplitDeclaration): SplitInfo | undefined {
  const { c, scope, splittable } = place;
  const { dim } = declaration;
  const over = scope.lookup(dim.name);
  const isSplittable = over?.kind === 'dim' && splittable.has(dim.name);
  if (!isSplittable && over?.kind !== 'broken') {
    const near = over === undefined ? closest(dim.name, [...splittable]) : undefined;
    const because = over === undefined ? `no dim is called \`${dim.name}\`` : `\`${dim.name}\` is not a dim that data bind`;
    const declare = perhaps(`declare it: \`dim ${dim.name}\``, ...(over === undefined ? declaring(scope.home, `dim ${dim.name}`) : []));
    const [hint = declare] = didYouMean(near, dim.span);
    c.report(badSplit({ span: dim.span }, { because, hint }));
  }
  const parts = declareSets(place, declaration, isSplittable);
  if (!isSplittable) return undefined;
  const hasShares = checkShares(c, declaration);
  const folds = declaration.by === undefined ? undefined : readFolds(place, declaration.by);
  const seed = declaration.seed === undefined ? 0 : wholeNumber(place, declaration.seed, 'seed', 0);
  if (!hasShares || seed === undefined || (declaration.by !== undefined && folds === undefined)) return undefined;
  return {
    dim: dim.name,
    parts,
    ...(folds === undefined ? {} : { folds }),
    ...(declaration.stratifiedBy === undefined ? {} : { stratifiedBy: declaration.stratifiedBy.name }),
    seed,
    shuffled: declaration.unshuffled === undefined,
    span: declaration.span,
  };
}

function declareSets({ c, declarer }: Place, { dim, parts }: SplitDeclaration, isSplittable: boolean): readonly IndexSetInfo[] {
  return parts.flatMap(({ name, percent }) => {
    const own = symbol(name.name);
    const value = c.b.input(`index:${name.name}`, 'data', { dtype: 'int', shape: [own] });
    if (!isSplittable) {
      declarer.declare(name, 'the index set', { kind: 'broken', span: name.span });
      return [];
    }
    const over = symbol(dim.name);
    if (!declarer.declare(name, 'the index set', { kind: 'set', dim: own, over, value, span: name.span })) return [];
    c.sets.set(value, { name: name.name, over });
    c.origins.set(name.name, { span: name.span, what: `\`${name.name}\` is an index set of \`${dim.name}\`` });
    return [{ name: name.name, value, ...(percent === undefined ? {} : { percent }) }];
  });
}

function checkShares({ report }: Context, { parts, by, dim, span }: SplitDeclaration): boolean {
  const wrong = (at: Span, because: string, hint?: Hint): boolean => {
    report(badSplit({ span: at }, { because, hint }));
    return false;
  };
  const varying = parts.filter(({ percent }) => percent === undefined);
  const total = parts.reduce((sum, { percent = 0 }) => sum + percent, 0);
  const none = parts.find(({ percent }) => percent !== undefined && percent <= 0);
  if (none !== undefined)
    return wrong(none.name.span, `the share of \`${none.name.name}\` is ${none.percent}%`, `give it one: \`${none.name.name} 20%\``);
  if (by === undefined) {
    const [bare] = varying;
    if (bare !== undefined) {
      const share = total < 100 && varying.length === 1 ? 100 - total : 20;
      const hint = perhaps(`give it one: \`${bare.name.name} ${share}%\``, behind(bare.name.span, ` ${share}%`));
      return wrong(bare.name.span, `\`${bare.name.name}\` has no share`, hint);
    }
    return total <= 100 + 1e-9 || wrong(span, `the shares of \`${dim.name}\` add up to ${total}%`);
  }
  const example = `\`split ${dim.name} into train, valid by 5 folds\``;
  if (varying.length !== 2)
    return wrong(by.span, 'folds have two parts without a share: what is fitted to, and what each fold holds out', example);
  return total < 100 || wrong(span, `the shares of \`${dim.name}\` add up to ${total}%, and leave nothing for the folds`);
}

function readFolds(place: Place, by: NonNullable<SplitDeclaration['by']>): FoldsDescription | undefined {
  if (by.kind === 'leave_one_out') return { by: 'leave-one-out' };
  if (by.kind === 'groups') return { by: 'groups', data: by.groups.name };
  const count = wholeNumber(place, by.count, 'folds', 2);
  return count === undefined ? undefined : { by: 'count', count };
}

function wholeNumber({ c, scope }: Place, expression: Expression, argument: string, least: number): number | undefined {
  const value = c.elaborate(expression, scope);
  if (value === undefined) return undefined;
  const known = staticNumber(c.b, value);
  if (known !== undefined && Number.isInteger(known) && known >= least) return known;
  const is = known === undefined ? 'not known now' : String(known);
  const needs = `a whole number, at least ${least}`;
  return refuse(
    c,
    wrongArgument(
      { span: expression.span, hints: [`e.g. \`${argument === 'folds' ? 'by 5 folds' : `${argument} ${least}`}\``] },
      { name: 'split', argument: `\`${argument}\``, needs, is },
    ),
  );
}

/** What groups and strata are taken from is an int data with an element for each position. */
export function checkSplitData({ report }: Context, declarations: readonly SplitDeclaration[], data: readonly DataInfo[]): void {
  for (const { dim, by, stratifiedBy } of declarations) {
    const named = [...(by?.kind === 'groups' ? [by.groups] : []), ...(stratifiedBy === undefined ? [] : [stratifiedBy])];
    for (const name of named) {
      const why = whyNot(name, dim.name, data);
      if (why !== undefined)
        report(badSplit({ span: name.span }, { because: why, hint: `declare \`data ${name.name}: int[${dim.name}]\`` }));
    }
  }
}

function whyNot({ name }: Identifier, dim: string, data: readonly DataInfo[]): string | undefined {
  const found = data.find((d) => d.name === name);
  if (found === undefined) return `no data are called \`${name}\``;
  const fits = found.kind === 'int' && found.shape.length === 1 && found.shape[0]?.key === dim;
  return fits ? undefined : `\`${name}\` is not a whole number for each position of \`${dim}\``;
}

/** The parts of a split that are others in each fold. */
export const varyingSets = (splits: readonly SplitInfo[]): readonly IndexSetInfo[] =>
  splits.flatMap(({ folds, parts }) => (folds === undefined ? [] : parts.filter(({ percent }) => percent === undefined)));

/** The parts of a split into folds that every fold holds out. */
export const heldOutSets = (splits: readonly SplitInfo[]): readonly IndexSetInfo[] =>
  splits.flatMap(({ folds, parts }) => (folds === undefined ? [] : parts.filter(({ percent }) => percent !== undefined)));

/** Data and hypers are the same in all folds, also in what they begin with. */
export function checkSharedByFolds(
  { report }: Context,
  splits: readonly SplitInfo[],
  data: readonly DataInfo[],
  hypers: readonly HyperInfo[],
): void {
  const sets = varyingSets(splits);
  const [{ dim } = { dim: '' }] = splits.filter(({ folds }) => folds !== undefined);
  const sizing = (shape: Shape): string | undefined => sets.find(({ name }) => shape.some((d) => namesOf(d).includes(name)))?.name;
  for (const { name, shape, span } of [...data, ...hypers]) {
    const set = sizing(shape);
    const hint = `give it the whole of \`${dim}\`, and index it: \`${name}[${set}]\``;
    if (set !== undefined) report(variesOverFolds({ span }, { what: `\`${name}\``, set, hint }));
  }
  for (const { name, init, span } of hypers) {
    const set = dependsOn(init, sets);
    const hint = 'begin at a value of all data, or at a number';
    if (set !== undefined) report(variesOverFolds({ span }, { what: `the start of \`${name}\``, set: set.name, hint }));
  }
}

/** A report is a mean over folds, or stands once where all are fitted to: it cannot be both. */
export function checkReport(
  { report }: Context,
  splits: readonly SplitInfo[],
  { name, value, span }: { readonly name: string; readonly value: Value; readonly span: Span },
): { readonly atRefit: boolean } {
  const varying = dependsOn(value, varyingSets(splits));
  const held = dependsOn(value, heldOutSets(splits));
  if (varying !== undefined && held !== undefined) {
    const hint = `report on \`${held.name}\` and on \`${varying.name}\` under two names`;
    report(variesOverFolds({ span }, { what: `the report \`${name}\` on \`${held.name}\``, set: varying.name, hint }));
  }
  return { atRefit: held !== undefined };
}

const dependsOn = (value: Value, sets: readonly IndexSetInfo[]): IndexSetInfo | undefined =>
  sets.find((set) => reach([value], [set.value]).depends(value));
