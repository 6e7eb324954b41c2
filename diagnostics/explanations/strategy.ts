/** BL4xxx and BL5xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const strategy: Explanations = {
  BL4001: {
    explain:
      'A loss that is affine in all of its params falls for ever in one direction: it has no minimiser, so there is nothing that the criterion could be evaluated at. Add a term that grows, such as a ridge penalty, or write a recipe: a stepwise solver with `steps` and no `tolerance` means exactly these steps, whether or not they lead anywhere.',
    example: 'problem p {\n  hyper a: real = 1.0\n  param w: []\n  inner minimize a * w\n  outer minimize w^2\n}\n',
  },
  BL4002: {
    explain:
      'The rules of convex composition show that the inner loss is concave and not affine in its params. It has no minimiser. Most often a sign is wrong, or `inner minimize` stands where a likelihood is to be maximised.',
    example: 'problem p {\n  hyper a: positive = 1.0\n  param w: []\n  inner minimize -a * w^2\n  outer minimize w^2\n}\n',
  },
  BL4003: {
    explain:
      'An inner loss may have terms that are not smooth where their proximal map is known: l1 penalties, weighted or not, about 0 or about data; norms of a param or of its rows or columns; and the sets of the kinds `nonnegative`, `real in [a, b]` and `simplex`. Each stands on one whole param, with a weight that is shown to be nonnegative and that no param reaches. l1 goes with bounds; l1 about 0, `nonnegative` and norms of groups within groups go together (sparse groups). This one is of that form but for what the message says, or it is an absolute value of a mixture of params, as in total variation and in absolute residuals: its minimisers lie on kinks, and neither they nor a derivative there can be found.',
    example:
      'problem p {\n  hyper a: real = 0.5\n  param w: [3]\n  inner minimize sum((w - 1)^2) + a * sum(abs(w))\n  outer minimize sum(w^2)\n}\n',
  },
  BL4010: {
    explain:
      'A param of kind `positive` or `unit` is searched as exp(u) or as the logistic function of u, with u free. A loss that is quadratic in the param is not in u: the closed form, and the proof that there is one minimiser, are lost, and a minimiser at the end of the range is never reached. With `nonnegative`, or `real in [0, 1]`, the ends belong to the range, and the loss is solved as it is written.',
    example:
      'problem p {\n  hyper a: positive = 1.0\n  param w: positive\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize (w - 0.5)^2\n}\n',
  },
  BL4011: {
    explain:
      'Along some direction of its params the inner loss has no curvature, so it has many minimisers or none, and a hypergradient at “the” minimiser has no meaning. That is said only where it follows from the form of the loss, whatever the data are (two intercepts that are added, scores of a softmax that may all be shifted, a param that stands in a sum with another one), or from sizes (numbers without a penalty that meet in fewer rows than they are). A small penalty picks one minimiser; a recipe is defined by its steps whatever the loss is.',
    example: `problem p {
  dim n, d, classes = 3
  data X: [n, d]
  data y: int[n] in [0, classes - 1]
  hyper penalty: positive
  param W: [classes, d]
  param b: [classes]
  let Z = X @ W.T + b
  inner minimize mean(logsumexp(Z, axis = 1) - sum(one_hot(y, classes) * Z, axis = 1)) + penalty * sum(W^2)
  outer minimize sum((W - 1)^2)
}
`,
  },
  BL5001: {
    explain:
      'The page names a strategy that does not give the hypergradient of this problem. At a minimiser the closed form needs a quadratic inner loss and the implicit function theorem one that is smooth, at least on the support of its minimiser; a recipe is differentiated by unrolling its steps. Leave out `differentiate with`, or name one of those that accept.',
    example:
      'problem p {\n  hyper a: real = 0.5\n  param w: [] = 2\n  inner minimize 0.5 * (w - a)^2\n  outer minimize (w - 1)^2\n  solve inner with gd(rate = 0.1, steps = 10)\n  differentiate with closed_form\n}\n',
  },
  BL5002: {
    explain:
      'The page names an inner solver that cannot solve this inner problem. `closed_form` solves one linear system, so it needs an inner loss that is quadratic in all params jointly. Solvers that follow gradients need a smooth loss and free params: with an l1 penalty or a norm, or where a param has bounds, `proximal_gradient` and `fista` do, and the default, which takes Newton steps on the support.',
    example:
      'problem p {\n  hyper a: positive = 1.0\n  param w: []\n  inner minimize exp(w) - w + a * w^2\n  outer minimize w^2\n  solve inner with closed_form\n}\n',
  },
  BL5010: {
    explain:
      'The page names a strategy that gives only an approximation of the hypergradient: `unrolled(truncate = k)` and `one_step` hold the points before the last steps constant, and `implicit` of a recipe speaks of a minimiser that its steps need not have reached. Each leaves out a part of the derivative, and no part is estimated. `gradient --verify` shows the distance to the exact ways and to finite differences.',
    example: `problem p {
  hyper a: real = 0.5
  param w: [] = 2
  inner minimize 0.5 * (w - a)^2
  outer minimize (w - 1)^2
  solve inner with gd(rate = 0.1, steps = 10)
  differentiate with unrolled(truncate = 2)
}`,
  },
  BL5011: {
    explain:
      'Reverse unrolling keeps states of its steps. `memory` of `unrolled` says how many bytes the problem may need in all; every way of keeping fewer states, and forward mode, which keeps none, was found to need more at these sizes. What is needed is counted from above, before anything is built: data, the intermediates of one step, and the states that are kept.',
    example: `problem p {
  hyper a: real = 0.5
  param w: [] = 2
  inner minimize 0.5 * (w - a)^2
  outer minimize (w - 1)^2
  solve inner with gd(rate = 0.1, steps = 10)
  differentiate with unrolled(memory = 8)
}`,
  },
  BL5012: {
    explain:
      'The inner problem is a recipe, its loss is convex, and after all of its steps the gradient of the inner loss is more than a tenth of what it was at the start: the steps end far from a minimiser, and what a penalty does there is mostly decided by where they stopped. That is told of recipes of more than ten steps that no hyper enters: a few steps are meant to be few, and where a rate, a momentum or a start is learned, the number of steps is the budget in which it is. Nothing is said of `adam` and `rmsprop`, whose steps do not follow the size of gradients, nor of mini-batches.',
    example: `problem p {
  hyper penalty: positive = 0.1
  param w: []
  inner minimize (w - 1)^2 + penalty * w^2
  outer minimize (w - 0.8)^2
  solve inner with gd(rate = 0.001, steps = 100)
}
`,
  },
};
