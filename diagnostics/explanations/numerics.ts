/** BL8xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const numerics: Explanations = {
  BL8001: {
    explain:
      'A criterion, an inner loss, a hypergradient or an inner solution became NaN or infinite. Such a value is never replaced by zero: the solve stops, with the step, the point, and the last state at which all was finite. Usual causes are a log or a square root outside its domain, an exp that overflows, a division by zero, or a step that is too large.',
    example: `problem p {
  hyper t: real = -1.0
  param w: []
  inner minimize (w - t)^2
  outer minimize log(t)
}`,
  },
  BL8002: {
    explain:
      'The Hessian of the inner loss could not be factorised: it is singular or indefinite, so the inner loss has no unique minimiser there, and a hypergradient at a minimiser has no meaning. It is never computed anyway. There are three ways out: add a ridge term, which makes the minimiser unique; write a recipe, whose criterion is defined by its steps whatever the Hessian is; or, where neither is meant, compare values of the hyper with `bilevel search`, which comes with a later version.',
    example: `problem p {
  dim n, d
  data X: [n, d] from "X.csv"   // fewer rows than columns
  data y: [n] from "y.csv"
  hyper scale: positive
  param w: [d]
  inner minimize mean((X @ w - scale * y)^2)
  outer minimize mean((X @ w - y)^2)
}`,
  },
  BL8003: {
    explain:
      'The inner solver diverged: its loss or its gradient grew without bound. A rate that is too large for the curvature is the usual cause for a stepwise solver; an inner loss that is not bounded below is the other. What it would have given is not used.',
    example: `problem p {
  hyper target: real = 1.0
  param w: []
  inner minimize 50 * (w - target)^2
  outer minimize w^2
  solve inner with gd(rate = 1.0, tolerance = 1e-8)
}`,
  },
  BL8014: {
    explain:
      'The inner loss has kinks in its params (`abs`, `maximum`, …), and the solver, which follows gradients, came to rest where none vanishes: most likely on a kink. Neither the minimiser nor the implicit function theorem can be trusted there, so no hypergradient is given. Penalties with a proximal map (l1 of a whole param, norms of it or of its rows) are solved for; kinks elsewhere, as in `hinge` or in the larger of two params, are not: smooth them, or write a recipe.',
    example: `problem p {
  hyper a: positive = 5.0
  param w: [2]
  inner minimize sum((w - [2, 0.1])^2) + a * maximum(w[0], w[1])
  outer minimize sum((w - 1)^2)
}`,
  },
  BL8004: {
    explain:
      'The inner solver reached its limit of steps before its tolerance. The criterion is defined at the minimiser, so value and hypergradient carry an error, which the result estimates. Give it more steps, a tolerance that can be reached, or let the default solver do it. `adam` and `rmsprop` divide their steps by the sizes of gradients, so at a constant rate they circle a minimiser at a distance of about the rate, and no number of steps leads to a tight tolerance. With folds the message tells of the first that ended so. With `--strict` this is exit code 4.',
    example: `problem p {
  hyper penalty: positive
  param w: [] = 5.0
  inner minimize softplus(3 * w) - w + penalty * w^2
  outer minimize w^2
  solve inner with gd(rate = 0.01, steps = 3, tolerance = 1e-8)
}`,
  },
  BL8005: {
    explain:
      'The inner solver could not lower its loss any further before it reached its tolerance: rounding hides the descent. The gradient norm that was reached is stated, and the error of the hypergradient is estimated from it. An ill-conditioned inner loss, or one with a kink, is the usual cause; scaling the columns of the data (`standardize`) often cures it.',
    example: `problem p {
  hyper a: positive
  param w: [2]
  inner minimize (1e6 * w[0] + w[1] - 1)^2 + (w[0] / 3 - w[1] - 0.7)^2 + a * sum(w^2) + exp(w[0] + w[1])
  outer minimize sum(w^2)
  solve inner with lbfgs(tolerance = 1e-30)
}`,
  },
  BL8006: {
    explain:
      'A linear solve with the Hessian of the inner loss met a direction of negative (or no) curvature: the point that the inner solver found is not a strict local minimiser, and the hypergradient at a minimiser has no meaning there. The three ways out are a ridge term, a recipe, or `bilevel search`, which comes with a later version.',
    example: `problem p {
  hyper t: real = 0.0
  param w: []
  inner minimize cos(w) + t * w
  outer minimize (w - 1)^2
  differentiate with implicit(solver = cg)
}`,
  },
  BL8007: {
    explain:
      'The linear solve of the implicit hypergradient ended before its tolerance. The hypergradient carries an error of about the residual times the sensitivity of the inner solution, which the result estimates. Raise its steps, or use a direct solver where the params are few.',
    example: `problem p {
  dim n, d
  data X: [n, d] from "X.csv"
  data y: [n] from "y.csv"
  hyper penalty: positive
  param w: [d]
  inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)
  outer minimize mean((X @ w - y)^2)
  differentiate with implicit(solver = cg, steps = 1)
}`,
  },
  BL8008: {
    explain:
      'The outer solver used all of its steps without reaching its tolerance. The result is the point where it stopped, with its gradient norm; it need not be an optimum. Give it more steps, a larger rate, or use `lbfgs`, which sets its own.',
    example: 'solve outer with gd(rate = 1e-6, steps = 10)',
  },
  BL8009: {
    explain:
      'No strategy of the plan can give the hypergradient of this problem at these sizes, or the one that was asked for by name is not among those that accept it, or is the name of none. `bilevel plan` shows every candidate with the reason of its verdict.',
    example: 'bilevel gradient recipe.bilevel --strategy closed_form',
  },
  BL8010: {
    explain:
      'Finite differences could not estimate a derivative: at every step length that was tried the criterion could not be evaluated on both sides of the point. The criterion may have a jump or a pole there, or the inner problem cannot be solved nearby.',
    example: 'bilevel gradient page.bilevel --strategy finite_difference',
  },
  BL8011: {
    explain:
      'An option of the outer solver is not one that it has, or its value makes no sense: a rate must be above 0, momentum and the betas in [0, 1), steps and starts whole numbers.',
    example: 'solve outer with adam(rate = -0.1)',
  },
  BL8012: {
    explain:
      'With several starts, one of them could not be solved; the others were. The result is the best of those that ended. Starts are drawn over the box of a hyper, or around the declared start: a box that leaves out the region where the inner problem fails avoids this.',
    example: 'solve outer with lbfgs(starts = 8)',
  },
  BL8013: {
    explain:
      'The outer solver stands at a point from which every step it tried led to where the problem cannot be solved. The result is that point; it need not be an optimum. The reason of the last failed trial is quoted.',
    example: 'bilevel run page.bilevel',
  },
  BL8015: {
    explain:
      'A `report` came out as NaN or infinite. It is never differentiated, so the solved problem is not touched, but the figure says nothing. Usual causes: a logarithm or a division outside of its domain, an index beyond its axis.',
    example: `problem p {
  hyper a: positive = 1.0
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize (w - 1)^2 + 0.1 * a
  report odd = log(-1 - w^2)
}`,
  },
  BL8020: {
    explain:
      'The minimiser of an inner problem with penalties or bounds is differentiated on its support: coordinates that are held at a kink or at a bound stay there while the hypers move a little. At this point one of them is about to leave, or one that is free about to be held: it is closer to that than the solution is known. The criterion is continuous there but bends, so the hypergradient is its slope to one side only. An outer solver may well end in such a point, because a minimum often sits on a kink.',
    example: `problem p {
  hyper a: positive = 1.0
  param w: []
  inner minimize (w - 0.5)^2 + a * abs(w)
  outer minimize (w - 1)^2
}`,
  },
  BL8021: {
    explain:
      'The start of a param of a recipe depends on data, on a draw or on a hyper, and lies outside of the set of its kind at this point. The steps of a param that may not go everywhere begin in its set, so they begin at the nearest point of it. The criterion is that of these steps. A hyper that only moves the start outside of the set moves nothing, and its hypergradient says so.',
    example: `problem p {
  hyper s: real = -1.0
  hyper rate: positive = 0.1
  param w: nonnegative = s
  inner minimize (w - 1)^2
  outer minimize (w - 0.4)^2
  solve inner with proximal_gradient(rate = rate, steps = 5)
}`,
  },
  BL8018: {
    explain:
      'A proof of the hypergradient’s error was asked for, with `--certify` or the option `certify`, and there is none here. A proof needs a minimiser, so there is none for a recipe, and a smooth inner problem with free params; ops whose rounding is bounded; few enough params to factor the Hessian; and a point around which that Hessian is shown positive definite. What is stated is the estimate, as without the flag.',
    example: `problem p {
  hyper rate: positive = 0.1
  param w: []
  inner minimize (w - 1)^2
  outer minimize (w - 0.4)^2
  solve inner with gd(rate = rate, steps = 20)   // a recipe
}`,
  },
  BL8016: {
    explain:
      'The estimate of the hypergradient’s error is more than a tenth of the hypergradient, and larger than what rounding the criterion explains: its size, and where the estimate is larger than it also its sign, cannot be relied on. Or nothing can be told: features depend on each other, to rounding, and no penalty that rounding leaves tells them apart. The usual cause is an ill-conditioned inner problem, such as a kernel matrix squared, an inner solver that stopped early, or float32 with data that it cannot hold to enough digits, such as times in seconds.',
    example: `problem p {
  hyper a: real = 0.5
  param w: [2]
  inner minimize (w[0] + w[1] / 3 - 1)^2 + 1e-14 * (w[0] - a * w[1])^2
  outer minimize (w[0] - 0.9)^2 + 0.282 * a
}`,
  },
  BL8017: {
    explain:
      'The linear solver that the page names, `minres` or `gmres`, can solve with a Hessian that is not positive definite, and did: at this point the inner loss curves down in some direction. The point is stationary, a saddle or a maximum, and no minimiser; the hypergradient is that of the criterion at this point as it moves with the hypers. The other linear solvers refuse such a point (BL8006, BL8002).',
    example: `problem p {
  hyper lam: real = 0.0
  param w: [2]
  inner minimize (w[0] - lam)^2 - (w[1] + lam)^2
  outer minimize (w[0] - 1)^2 + (w[1] - 2)^2 + w[0] * w[1]
  solve inner with newton
  differentiate with implicit(solver = minres)
}`,
  },
  BL8025: {
    explain:
      'A `choice` ended with two greatest logits that are equal, or an `int` hyper half-way between two whole numbers. Which of them is taken is the order on the page, or the greater number, and says nothing about which is better. Logits that never moved from their even start have no slope: then the criterion does not tell the functions apart, or the start is a saddle between them.',
    example: `problem p {
  hyper act: choice(sigmoid, logistic)
  fn logistic(z: []): [] = sigmoid(z)
  param w: []
  inner minimize (act(w) - 0.7)^2 + 0.1 * w^2
  outer minimize (w - 0.5)^2
}`,
  },
  BL8022: {
    explain:
      'At the end of a run every number of a hyper stands at a bound of its interval with the criterion still improving beyond it, or has moved by a factor of more than a thousand towards the end of its kind, 0 or infinity, where a hundred times further the criterion is no worse. So the criterion is monotone, and the value that is reported is where the bound, or the tolerance, stopped it. A penalty that goes to 0 says that none is best here, or that the criterion is evaluated on data that the fit has seen; one that goes to infinity says that what it weighs is best held. That may be the answer; then fix the hyper and learn the others.',
    example: `problem p {
  hyper penalty: positive = 1.0
  param w: []
  inner minimize (w - 1)^2 + penalty * w^2
  outer minimize (w - 2)^2
}`,
  },
};
