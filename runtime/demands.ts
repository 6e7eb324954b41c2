/** Checks what a page asks of sizes and positions, when these are known: ranges that stay within their axes, data that are positions. */
import { positionBeyondData, sizeBeyondData } from '../diagnostics/demands.ts';
import type { Diagnostic, Label } from '../diagnostics/diagnostic.ts';
import { type Environment, evaluate, namesIn, printExpr } from '../plan/evaluate.ts';
import type { Expr, PositionDemandDescription, ProblemDescription, SizeDemandDescription, SourceSpan } from '../plan/types.ts';
import type { Cut, Sets } from './cuts.ts';
import { type DataArray, givenValue } from './data/array.ts';

interface Known {
  readonly arrays: ReadonlyMap<string, DataArray>;
  readonly sizes: Environment;
  /** The index sets that are the same for all folds. */
  readonly parts: Sets;
  readonly folds?: Cut['folds'];
}

/** One diagnostic for each demand that does not hold; with folds in the first of them where it does not. */
export function checkDemands(description: ProblemDescription, known: Known): readonly Diagnostic[] {
  const { sizes = [], positions = [] } = description.demands ?? {};
  const { folds, parts } = known;
  const instances = (folds === undefined ? [{}] : [...folds.each, folds.whole]).map((sets) => ({ ...parts, ...sets }));
  const varying = [folds?.whole, folds?.each[0]].flatMap((sets) => Object.keys(sets ?? {}));
  /** `names` that the demand speaks of: what no fold changes is asked once. */
  const first = <Demand>(
    demand: Demand,
    names: readonly string[],
    check: (demand: Demand, sets: Sets) => Diagnostic | undefined,
  ): readonly Diagnostic[] => {
    const asked = names.some((name) => varying.includes(name)) ? instances : instances.slice(0, 1);
    const found = asked.map((sets) => check(demand, sets)).find((each) => each !== undefined);
    return found === undefined ? [] : [found];
  };
  return [
    ...sizes.flatMap((demand) =>
      first(demand, [demand.from ?? 0, demand.to, demand.of ?? 0].flatMap(namesIn), (each, sets) =>
        sizeProblem(each, description, { ...known.sizes, ...lengthsOf(sets) }),
      ),
    ),
    ...positions
      .filter((demand) => demand.isDeclared !== true && !holdsForAll(demand, known))
      .flatMap((demand) =>
        first(demand, [...namesIn(demand.of), ...(demand.among === undefined ? [] : [demand.among])], (each, sets) =>
          positionProblem(each, known, sets),
        ),
      ),
  ];
}

export type CheckDemands = typeof checkDemands;

const lengthsOf = (sets: Sets): Environment => Object.fromEntries(Object.entries(sets).map(([name, { length }]) => [name, length]));

// ---- sizes --------------------------------------------------------------------------------------------------------

/** Larger ones are not looked for. */
const mostSize = 4096;

function holds({ from = 1, to, of }: SizeDemandDescription, sizes: Environment): boolean {
  const [first, last, size] = [from, to, of ?? Number.POSITIVE_INFINITY].map((expr) => evaluate(expr, sizes) ?? Number.NaN);
  return (
    !(first === undefined || last === undefined || size === undefined) && !(last < first || (of !== undefined && first < 0) || last >= size)
  );
}

function sizeProblem(demand: SizeDemandDescription, description: ProblemDescription, sizes: Environment): Diagnostic | undefined {
  const { from, to, of, span, call } = demand;
  if (holds(demand, sizes)) return undefined;
  const names = [...new Set([from ?? 0, to, of ?? 0].flatMap(namesIn))];
  const open = names.filter((name) => description.dims.every((dim) => dim.name !== name || dim.fixed === undefined));
  const [only, second] = open;
  const least =
    only === undefined || second !== undefined
      ? undefined
      : Array.from({ length: mostSize }, (_, i) => i + 1).find((size) => holds(demand, { ...sizes, [only]: size }));
  const end = (expr: Expr): { text: string; value: number } => ({ text: printExpr(expr), value: evaluate(expr, sizes) ?? Number.NaN });
  const payload = {
    from: from === undefined ? undefined : end(from),
    to: end(to),
    of: of === undefined ? undefined : end(of),
    sizes: (open.length > 0 ? open : names).map((name) => ({ name, size: sizes[name] ?? Number.NaN })),
    least: least === undefined || least <= (sizes[only ?? ''] ?? 0) ? undefined : least,
  };
  const labels = open.flatMap((name) => {
    const data = description.data.find(({ shape }) => shape.includes(name));
    return data === undefined ? [] : [{ span: data.span, message: `\`${name}\` is ${sizes[name]} in \`${data.name}\`` }];
  });
  return sizeBeyondData({ span, labels: [...labels, ...inCall(call)] }, payload);
}

const inCall = (call: SourceSpan | undefined): readonly Label[] => (call === undefined ? [] : [{ span: call, message: 'in this call' }]);

// ---- positions ----------------------------------------------------------------------------------------------------

/** Whether all of the data are positions, whichever of them a set picks; false where the size is that of a set that varies. */
function holdsForAll({ data, of }: PositionDemandDescription, { arrays, sizes, parts }: Known): boolean {
  const size = evaluate(of, { ...sizes, ...lengthsOf(parts) });
  return size !== undefined && arrays.get(data)?.tensor.data.every((value) => isWithin(value, size)) === true;
}

function positionProblem(
  { data, among, of, span, call }: PositionDemandDescription,
  { arrays, sizes }: Known,
  sets: Sets,
): Diagnostic | undefined {
  const array = arrays.get(data);
  const size = evaluate(of, { ...sizes, ...lengthsOf(sets) });
  const members = among === undefined ? undefined : sets[among];
  if (array === undefined || size === undefined || (among !== undefined && members === undefined)) return undefined;
  const { tensor, locate, labels } = array;
  const width = tensor.data.length / (tensor.shape[0] ?? 1);
  const isUsed = members === undefined ? undefined : new Set(members);
  const used = [...tensor.data.keys()].filter((flat) => isUsed?.has(Math.floor(flat / width)) ?? true);
  const beyond = used.filter((flat) => !isWithin(tensor.data[flat], size));
  const [first] = beyond;
  if (first === undefined) return undefined;
  const { words, place } = locate(first);
  const payload = {
    data,
    where: words,
    value: tensor.data[first] ?? Number.NaN,
    others: beyond.length - 1,
    of: { text: printExpr(of), value: size },
    isFromOne: labels === undefined && used.every((flat) => isWithin((tensor.data[flat] ?? 0) - 1, size)),
    isText: labels !== undefined,
  };
  const isFile = place.file !== givenValue;
  const use: Label = { span, message: `\`${data}\` is used here` };
  return isFile
    ? positionBeyondData({ place, labels: [use, ...inCall(call)] }, payload)
    : positionBeyondData({ span, labels: inCall(call) }, payload);
}

const isWithin = (value: number | undefined, size: number): boolean => value !== undefined && value >= 0 && value < size;
