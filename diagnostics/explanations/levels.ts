/** BL3xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const levels: Explanations = {
  BL3001: {
    explain: `A problem has exactly one \`inner minimize\` and one \`outer minimize\`, and at most one of each \`solve inner\`, \`solve outer\` and
\`differentiate\`. Several criteria are added up in one expression, with weights that say what they are worth.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  outer minimize (w - 1)^2
}`,
  },
  BL3002: {
    explain: `A problem has two levels: \`inner minimize\` says what the params are fitted to, \`outer minimize\` (or \`maximize\`) by what the hypers are judged.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
}`,
  },
  BL3003: {
    explain: `What is minimised is one number. A loss with an axis left has to be summed or averaged; which of the two changes what a penalty beside
it is worth.`,
    example: `problem p {
  dim d
  data x: [d]
  hyper a: positive
  param w: [d]
  inner minimize (w - x)^2 + a * w^2
  outer minimize sum(w^2)
}`,
  },
  BL3004: {
    explain: `The inner problem chooses the params; a param that the inner loss does not depend on is chosen by nothing. If it is meant to be learned
by the outer criterion, it is a \`hyper\`; if it is fixed, a \`let\` or \`data\`.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize a^2
  outer minimize w^2
}`,
  },
  BL3005: {
    explain: `A bilevel problem has at least one \`param\`, which the inner problem chooses, and at least one \`hyper\`, which the outer one chooses.`,
    example: `problem p {
  param w: []
  inner minimize (w - 1)^2
  outer minimize w^2
}`,
  },
  BL3006: {
    explain: `A start is known before anything is solved: it may use data and dims. The start of a \`param\` may also use hypers, where the problem is a
recipe (a stepwise solver with \`steps\`), because only then does the result depend on where it began.`,
    example: `problem p {
  hyper a: positive
  hyper c: positive = 2 * w
  param w: []
  inner minimize (w - c)^2 + a * w^2
  outer minimize w^2
}`,
  },
  BL3007: {
    explain: `\`step\` is the number of the inner solver's step, from 0. It means something in the inner loss of a recipe and in its solver's arguments:
with a stepwise solver that is given \`steps\` and no \`tolerance\`. A minimiser has no steps: it is where they lead. A \`fn\` takes it as an argument.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2 / (1 + step)
  outer minimize w^2
}`,
  },
  BL3008: {
    explain: `Each report has a name of its own: it is the key under which the result is found.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  report r = w
  report r = w^2
}`,
  },
  BL3009: {
    explain: `No solver or strategy of this name can stand here.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with lbfgz
}`,
  },
  BL3010: {
    explain: `A solver or strategy was given an option that it does not have, gave one twice, or gave one without its name. Options are always named:
\`gd(rate = 0.1, steps = 100)\`.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with gd(rte = 0.1, steps = 10)
}`,
  },
  BL3011: {
    explain: `An option is not what the solver or strategy needs there: a count is a positive whole number, a tolerance a positive number, a rate a
number above 0, a decay rate at least 0 and below 1; a word or a flag is written as it stands in the table of solvers.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with gd(rate = 0.1, steps = 2.5)
}`,
  },
  BL3012: {
    explain: `A stepwise solver needs a \`rate\`, and the inner one also needs to know when it ends: \`steps\` makes a recipe of exactly that many steps,
\`tolerance\` makes it one of the ways to the minimiser.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with gd(steps = 10)
}`,
  },
  BL3013: {
    explain: `Some options of the inner solver may hold hypers and \`step\`: rates, momenta and decay rates. The others (steps, tolerances), and all options of the
outer solver and of a strategy, are numbers that are known before anything runs.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with lbfgs(tolerance = a)
}`,
  },
  BL3020: {
    explain: `A rate, a momentum or a decay rate may be one number, a schedule (a vector whose dim is \`steps\`), or an array that broadcasts to
each param: a number for each coordinate. This one is neither. With several params of different shapes no array but a schedule fits all of
them.`,
    example: `problem p {
  hyper eta: positive[3] = 0.1
  param w: [5]
  inner minimize sum((w - 1)^2) + sum(eta)
  outer minimize sum(w^2)
  solve inner with gd(rate = eta, steps = 10)
}`,
  },
  BL3021: {
    explain: `A vector whose dim is \`steps\` is a schedule, and one that broadcasts to each param is a number for each coordinate; this one is both,
and which is meant makes another problem. \`eta[step]\` says the first; for the second the dim of the params and the dim of the steps are given
different names, because dims with different names are never equal.`,
    example: `problem p {
  hyper eta: positive[10] = 0.1
  param w: [10]
  inner minimize sum((w - 1)^2)
  outer minimize sum(w^2)
  solve inner with gd(rate = eta, steps = 10)
}`,
  },
  BL3022: {
    explain: `\`batch = 64, over = train\` puts a random part of \`train\` in the place of the whole in the inner loss, another one at each step of a
recipe, and scales sums over it, so that a mean stays a mean. So there must be steps, a set or dim over which the loss runs, named where there is
more than one, and a loss in which the members meet in sums alone: not one that picks a member by its position, nor a matrix of all pairs.`,
    example: `problem p {
  dim n
  data x: [n]
  data y: [n]
  split n into train 80%, valid 20%, seed 7
  hyper a: positive
  param w: []
  inner minimize mean((w * x[train] - y[train])^2) + a * w^2
  outer minimize mean((w * x[valid] - y[valid])^2)
  solve inner with sgd(rate = 0.1, batch = 64, tolerance = 1e-6)
}`,
  },
  BL3025: {
    explain: `\`resample = true\` draws the \`random\` noise of a problem anew at each outer step, so each step sees another criterion. Methods that only step
along a gradient, \`gd sgd heavy_ball nesterov adam rmsprop\`, average over that. \`lbfgs\` and \`trust_region\` compare values from step to step, and several
\`starts\` are compared at the end: both need one function, which noise is as long as it is the same at every step.`,
    example: `problem p {
  random e: [5] ~ normal(0, 1)
  hyper sigma: positive
  param w: []
  inner minimize mean((w - 1 - sigma * e)^2) + w^2
  outer minimize (w - 0.7)^2
  solve outer with lbfgs(resample = true)
}`,
  },
  BL3090: {
    explain: `The construct belongs to the language, and is read and printed, but this version does not run it yet. It is refused by name rather than
ignored, so that a page never means less than it says.`,
    example: `problem p {
  dim n
  data y: [n]
  hyper a: positive
  hyper size: int in [8, 128] by search
  param w: []
  inner minimize mean((w - y)^2) + a * w^2
  outer minimize w^2
}`,
  },
};
