/** Valid pages, every construct of the language at least once: what the round trips, the recovery and the fuzz tests start from. */

const inProblem = (statements: string): string => `problem p {\n${statements}\n}\n`;

export const constructs: Readonly<Record<string, string>> = {
  ridge: `/// Learn the penalty that predicts held-out patients best.
problem ridge {
  dim n, d = 10

  data X: [n, d] from "diabetes.csv" columns age .. s6
  data y: [n]    from "diabetes.csv" column progression
  split n into train 60%, valid 20%, test 20%, seed 7

  hyper penalty: positive = 1.0
  param w: [d]
  param b: []

  fn predict(A: [k, d]): [k] = A @ w + b

  inner minimize mean((predict(X[train]) - y[train])^2) + penalty * sum(w^2)
  outer minimize mean((predict(X[valid]) - y[valid])^2)
  report rmse = sqrt(mean((predict(X[test]) - y[test])^2))
  solve inner with lbfgs(tolerance = 1e-8)
  solve outer with adam(rate = 0.1, steps = 100)
  differentiate with implicit(solver = cg, tolerance = 1e-8)
}`,
  empty: '',
  emptyProblem: 'problem p { }',
  lexical: inProblem(`  // a remark
  let λ = 1e-3 /* in between */ + 0.5e+2 - 7E4 * 10
  let größe_2 = λ let 変数 = größe_2 let _x1 = "a\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9 ü"
  let x = A[0..9] + A[1 .. 2]`),
  statementWordsAsNames: inProblem(`  let a = seed * step + outer(x, y) + solve(A, b)
  let data = hyper + param[train] - inner.T let let = problem / dim
  let fn = report let report = fn let split = random(differentiate) let import = let
  hyper hyper: positive = data
  data data: [n] from "f.csv" column data
  data param: [n] from "f.csv" columns hyper .. inner
  param param: [d] param dim: real
  report report = report let s = solve solve inner with gd
  let o = outer outer minimize inner
  dim dim, data, let = 3
  let b = batch let T = T.T let step = with + over + by + from - columns * column / folds
  let groups = leave_one_out let search = unshuffled let with = into let scan = scan(scan, return)
  fn fn(let: [n], fn: positive[d]): [n] = let @ fn
  fn inner(return: []): [] = { let seed = return return seed }
  split split into data, split by groups split, seed seed
  let d = differentiate differentiate with with
  let max = minimize(maximize) let choice = choice(1) let i = import`),
  types: inProblem(`  data a: positive[n] data b: int[n] in [0, k - 1] data c: [n, d] data e: unit data f: simplex[n, 3]
  data g: nonnegative[2 * d, u + 1] data h: real in [-1, 1]
  hyper s: real[] = 0
  param w: [] in [0, 1] param z: [d] in [low, high]
  param v: []`),
  data: inProblem(`  data a: [n]
  data b: [n] from "whole.csv"
  data c: [n] from "b.csv" column "body mass" data e: [n] from "b.csv" column 3
  data f: [n, 3] from "b.csv" columns [age, "s 1", 7, 9 .. 11] data g: [n, 4] from "b.csv" columns 0 .. 3
  data i: [n, 2] from "b.csv" columns age, sex
  data h: [n] from "c.npz" array weights data j: [n] from "c.json" array "two words"
  data k: [n, d] from "x.csv" columns "first" .. last`),
  splits: inProblem(`  split n into train 60%, valid 20.5%, test 19.5%, seed 7
  split n into seed 5, train 50%, unshuffled, test 50%
  split n into train, valid by 5 folds, seed 7
  split n into train, valid by K + 1 folds, test 20%, stratified by y, seed 7
  split n into train, valid by groups g
  split n into train, valid by leave_one_out
  split n into train, valid, seed 2 + k, by 5 folds
  split n into folds, groups by groups folds`),
  hypers: inProblem(`  hyper a: positive = 1.0 hyper b: unit[d] = full([d], 0.5) hyper c: [2] = [0, 1]
  hyper act: choice(tanh, relu, temperature = 0.5, gumbel = true)
  hyper even: choice(f, g) = [0, 1, 0]
  hyper batch: int in [8, 128] by search
  hyper k: int = 3 by search
  hyper trust: unit[n]`),
  params: inProblem(`  param w: [d] ~ normal(0, 0.1) param v: nonnegative[d] = zeros(d) param u: [d] = init
  param t: positive[d] ~ uniform(0, 1)
  random noise: [n, d] ~ gumbel() random e: [n] ~ logistic()`),
  functions: `import { f, g } from "./lib.bilevel" import { h } from "h.bilevel"
fn twice(x: [n]): [n] = 2 * x
fn zero(): [] = 0
/// Two layers.
fn net(A: [k, d], W: [d, h]): [k] = { let u = A @ W.T  let v = tanh(u)  return v @ W2.T }
fn bare(x: []): [] = { return (x + 1) * 2 }
problem p { fn net(A: [k, d]): [k] = {
  /// hidden
  let u = A @ W1
  return -u } param w: [] }`,
  levels: inProblem(`  inner minimize sum(w^2) outer maximize accuracy(w) report r = w
  report s = max(x, axis = 1)`),
  methods: inProblem(`  solve inner with adam solve outer with lbfgs(starts = 4)
  differentiate with unrolled(mode = reverse, truncate = 10, memory = 2^30)
  solve inner with sgd(rate = exp(r), momentum = 0.9, nesterov = false, steps = 50, batch = 64, over = train)
  solve outer with grid(3, 4, width = 2)`),
  precedence: inProblem(`  let a = -x^2 let b = 2^-1 let c = 2^3^4 let e = a / b @ c * d let f = a - b + c - (d - e)
  let g = not a < b and c == d or e != f let h = (-x)^2 let i = -x.T let j = (a + b).T let k = (2^3)^4
  let l = if a < b then c else d + 1 let m = (if a then b else c) + 1 let o = 1 + (if a then b else c)
  let q = if a then if b then c else d else if e then f else g let r = not not a let s = - - a let t = +a
  let u = a <= b let v = (a < b) == c let w = a * -b let x = 2^-x^2 let y = (a and b) or (c or d) let z = (not a) == b
  let aa = 1 + if a then b else c let bb = a @ (b @ c) let cc = (2).T`),
  indices: inProblem(`  let a = A[train] let b = A[i] let c = A[-1] let e = A[0 .. 9] let f = A[:, j] let g = a[g]
  let h = penalty[group] let i = X[batches[step]] let j = A[i, :, 0 .. n - 1].T[0] let k = f(x)[1] let l = [1, 2][0]`),
  arrays: inProblem(`  let a = [1, 2, 3] let b = [[1, 2], [3, 4]] let c = [x^2 for x in 0 .. n - 1] let e = [f(t) for t in D]
  let f = [[i + j for i in n] for j in 3] let g = [if a then b else c for t in (if d then e else f)] let h = []
  let k = zeros(n) let l = full([n, d], x) let m = reshape(x, [h, h],) let o = [1, 2,]`),
  scans: inProblem(`  let a = scan h = 0 over x in xs { h + x }
  let b = scan (h, c) = (h0, c0) over t in 0 .. T - 1 { (h * c, c + 1) }
  let e = (scan h = init over i in n { h })[-1]
  let f = scan h = 0 over x in xs { let u = h * x let v = u return u + v }[-1]
  let g = 1 + scan h = if a then b else c over x in xs { (h + x) * 2 }.T
  let i = scan (h) = over over over in over { return } let j = scan h = 0 over x in xs { return return + h }
  let k = scan (a, b) = (1, 2) over x in xs { return (b, a + b) }`),
};

/** One page with everything in it. */
export const everything: string = [
  constructs['functions'] ?? '',
  ...Object.entries(constructs)
    .filter(([name]) => name !== 'functions')
    .map(([, text]) => text),
].join('\n');
