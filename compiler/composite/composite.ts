/**
 * A composite problem: minimise h = s + g with s smooth and g, param by param, a penalty with a proximal map, a set, or both. Near its
 * minimiser x* the loss is smooth along the piece of g on which x* lies (the support, the free coordinates, a face), and all that is
 * differentiated there is projected onto it. What solvers and strategies see is `Composite`; they never ask what g is.
 */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { notProximable } from '../../diagnostics/strategy.ts';
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import { declaredFacts, factsIn } from '../facts.ts';
import { dimValue } from '../ir/dim-value.ts';
import { Objective, type ParamVector } from '../objective.ts';
import type { Sign } from '../ops/spec.ts';
import type { ParamInfo, Program } from '../program.ts';
import { ancestors, reach } from '../transform/reach.ts';
import { split, type Penalty, type Unsolved } from './recognise.ts';
import { about, groups, separable, simplex, unrestricted, type Scales, type Term } from './terms.ts';

export interface Composite {
  /** s. */
  readonly smooth: Objective;
  /** argmin over z of ½‖z − u‖² + step·g(z): `[d] → [d]`. With step 0 the projection onto the sets. */
  readonly prox: (u: Value, step: Value) => Value;
  /** 1 for each coordinate that may move, 0 for those that are held: `[d]`. */
  readonly freeAt: (x: Value) => Value;
  /** Π at x: `[d] → [d]`, the projection onto the directions in which x may move. */
  readonly projectAt: (x: Value) => (v: Value) => Value;
  /** z, near x, brought back to the piece of x where it went beyond; what x holds stays, to the last bit: `[d], [d] → [d]`. */
  readonly retract: (x: Value, z: Value) => Value;
  /** How close each coordinate is to where the piece changes, relative to sizes at x and at `start`: `[d]`. */
  readonly marginAt: (x: Value, start: Value) => Value;
  /** x may not go everywhere. */
  readonly constrained: boolean;
  /** What was found, a phrase a term. */
  readonly found: readonly string[];
}

export interface Structure {
  /** h, differentiable at zeros of its norms. */
  readonly loss: Value;
  /** Absent: h is smooth, or not of this form, and its params are free. */
  readonly composite?: Composite;
  /** Why h is of this form, and no proximal map is known. */
  readonly refused: readonly Diagnostic[];
}

/** Columns may be of different scales, so a coordinate that is this share of the largest one is not small. */
const SMALL = 1e-3;

export function structureOf(program: Program, params: ParamVector): Structure {
  const { builder: b } = program;
  const parts = split(b, program.inner.value, params.values);
  const kinds = program.params.map((param, i) =>
    termOf(
      program,
      param,
      parts.penalties.filter((p) => p.param === i),
    ),
  );
  const ofParams = kinds.flatMap((kind) => ('refused' in kind ? [kind.refused] : []));
  const refused = ofParams.length > 0 ? ofParams : refuseUnsolved(program, parts.unsolved);
  const terms = kinds.map((kind) => ('term' in kind ? kind : { term: unrestricted(b), words: [] }));
  const found = terms.flatMap(({ words }) => words);
  if (refused.length > 0) return { loss: parts.loss, refused };
  if (found.length === 0) return { loss: program.inner.value, refused };
  return {
    loss: parts.loss,
    refused,
    composite: assemble(
      program,
      params,
      parts.smooth,
      terms.map(({ term }) => term),
      found,
    ),
  };
}

function assemble(program: Program, params: ParamVector, smoothPart: Value, terms: readonly Term[], found: readonly string[]): Composite {
  const { builder: b } = program;
  const smooth = new Objective(b, params, smoothPart);
  const each = (make: (term: Term, ...blocks: readonly Value[]) => Value, ...vectors: readonly Value[]): Value => {
    const blocks = vectors.map((v) => params.unpack(v));
    return params.pack(terms.map((term, i) => make(term, ...blocks.map((block) => given(block[i])))));
  };
  const largest = (v: Value): Value => b.max(b.abs(v));
  const orOne = (v: Value): Value => b.select(b.less(b.constant(0), v), v, b.constant(1));
  return {
    smooth,
    prox: (u, step) => each((term, v) => term.prox(given(v), step), u),
    freeAt: (x) => each((term, v) => term.free(given(v)), x),
    projectAt: (x) => (v) => each((term, at, direction) => term.project(given(at), given(direction)), x, v),
    retract: (x, z) => each((term, at, to) => term.retract(given(at), given(to)), x, z),
    marginAt: (x, start) => {
      const slope = smooth.gradientAt(x);
      const scales: Scales = {
        slope: orOne(b.maximum(largest(slope), largest(smooth.gradientAt(start)))),
        position: b.scale(orOne(largest(x)), SMALL),
      };
      return each((term, at, g) => term.margin(given(at), given(g), scales), x, slope);
    },
    constrained: program.params.some((param) => setWords(param).length > 0),
    found,
  };
}

/** The one term of a param that stands for its penalties and its kind, with what is said of it. */
function termOf(
  program: Program,
  param: ParamInfo,
  penalties: readonly Penalty[],
): { readonly term: Term; readonly words: readonly string[] } | { readonly refused: Diagnostic } {
  const { builder: b } = program;
  const refuse = (because: string): { refused: Diagnostic } => ({
    refused: notProximable(
      { span: penalties.find((p) => p.span !== undefined)?.span ?? program.inner.span },
      { param: param.name, because },
    ),
  });
  const because = penalties.map((p) => whyNot(program, p)).find((reason) => reason !== undefined);
  if (because !== undefined) return refuse(because);
  const words = [...penalties.map((p) => `${penaltyWords[p.kind]} on \`${param.name}\`${weightWords(p)}`), ...setWords(param)];
  if (param.kind === 'simplex')
    return penalties.length === 0 ? { term: simplex(b), words } : refuse('a `simplex` takes no penalty beside it');
  const term = sumOf(program, param, penalties);
  return typeof term === 'string' ? refuse(term) : { term, words };
}

/** A param's penalties and bounds as one term; or why there is no proximal map of their sum. */
function sumOf(program: Program, param: ParamInfo, penalties: readonly Penalty[]): Term | string {
  const { builder: b } = program;
  const [l1, ...more] = penalties.filter((p) => p.kind === 'l1');
  const norms = penalties.filter((p) => p.kind === 'norm').sort((p, q) => p.axes.length - q.axes.length);
  const [centre, ...centres] = new Set(penalties.map((p) => p.centre));
  const bounds = boundsOf(program, param);
  const isBounded = Object.keys(bounds).length > 0;
  const unknown = 'has no proximal map that is known here';
  if (more.length > 0) return `it has two of them, about different points, and their sum ${unknown}`;
  if (centres.length > 0) return `it is one of several about different points, and their sum ${unknown}`;
  if (norms.length > 0 && (param.interval !== undefined || (isBounded && centre !== undefined)))
    return `a norm of a param in an interval, or of one with a bound about another point than 0, ${unknown}`;
  if (norms.some(({ axes }, i) => !(norms[i - 1]?.axes ?? []).every((axis) => axes.includes(axis))))
    return `the groups of its norms overlap, and their sum ${unknown}`;
  // Bounds are where they are, so an l1 about another point knows it; norms move with all that is within.
  const moves = centre !== undefined && norms.length > 0;
  const penalty = l1 && { weight: l1.weight, centre: (moves ? undefined : centre) ?? b.zeros(param.shape) };
  const within = isBounded || l1 !== undefined ? separable(b, { ...bounds, ...(penalty && { penalty }) }) : unrestricted(b);
  const term = norms.reduce((inner, { weight, axes }) => groups(b, weight, axes, inner), within);
  return moves ? about(b, centre, term) : term;
}

function boundsOf({ builder: b }: Program, { kind, interval }: ParamInfo): { readonly low?: Value; readonly high?: Value } {
  if (interval !== undefined) return { low: dimValue(b, interval[0]), high: dimValue(b, interval[1]) };
  return kind === 'nonnegative' ? { low: b.constant(0) } : {};
}

/** What keeps a penalty from its proximal map. */
function whyNot(program: Program, { weight, centre }: Penalty): string | undefined {
  const sign = signOf(program, weight);
  if (sign !== 'nonnegative' && sign !== 'zero')
    return 'its weight cannot be shown to be nonnegative: take `exp(…)` of a real hyper, or a `positive` or `nonnegative` one';
  const hypers = program.hypers.map((h) => h.value);
  const moves = centre !== undefined && reach([centre], hypers).depends(centre);
  return moves ? 'its kink moves with a hyper; the centre of a penalty may use data only' : undefined;
}

const signOf = (program: Program, weight: Value): Sign => factsIn(program.builder, weight, [], declaredFacts(program)).sign;

/** Kinks that there is no proximal map for; one that bends down is nowhere near a minimiser. */
function refuseUnsolved(program: Program, all: readonly Unsolved[]): readonly Diagnostic[] {
  const bends = all.find(({ weight }) => !['nonpositive', 'zero'].includes(signOf(program, weight)));
  if (bends === undefined) return [];
  const names = bends.params.flatMap((i) => program.params[i]?.name ?? []);
  const what = bends.kind === 'l1' ? 'the absolute value' : 'a norm';
  const because = bends.ofPart
    ? `it is ${what} of a part of it, or of its elements in another order, and there is a proximal map of a whole param alone`
    : `it is ${what} of a mixture of coordinates, as in total variation or absolute residuals, and has no proximal map in closed form`;
  const hint = bends.ofPart
    ? ofPartHints[bends.kind]
    : 'make the mixture the param where it can be inverted: of differences `param u: [n]`, `let w = cumsum(u)` and `sum(c * abs(u))`';
  return [notProximable({ span: bends.span ?? program.inner.span }, { param: names.join('`, `'), because, hint })];
}

const ofPartHints = {
  l1: 'give every coordinate its weight, 0 where there is none: `sum(c * abs(w))` with data `c`',
  norm: 'give groups of one size the rows of a matrix, `sum([norm(W[j]) for j in k])`, and others a param each',
} as const;

// ---- words ----------------------------------------------------------------------------------------------------------

const penaltyWords = { l1: 'l1', norm: 'a norm' } as const;

/** What a weight is made of, by the names of the page. */
function weightWords({ weight }: Penalty): string {
  const names = ancestors([weight]).flatMap(({ op, attributes }) => (op === 'input' ? [(attributes.name ?? '').replace(/^.*:/u, '')] : []));
  return names.length === 0 ? '' : `, weighted by ${[...new Set(names)].map((name) => `\`${name}\``).join(', ')}`;
}

function setWords({ name, kind, interval }: ParamInfo): readonly string[] {
  if (interval !== undefined) return [`\`${name}\` in [${interval[0].key}, ${interval[1].key}]`];
  if (kind === 'nonnegative') return [`\`${name}\` ≥ 0`];
  return kind === 'simplex' ? [`\`${name}\` on the simplex`] : [];
}
