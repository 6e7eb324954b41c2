"""JAX on the CPU, float64, jitted; derivatives are JAX's own, except for the two formulas of group a.

Data lie features first ([d, n]): XLA multiplies by the transpose of such an array two to three times faster than by that of [n, d].
"""

from functools import partial

from protocol import Input, Work, say, serve

try:
    import jax
    import jaxlib

    jax.config.update("jax_enable_x64", True)
    # No hand-over to another thread and back: it is what small rows would measure.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    import jax.numpy as jnp
    import numpy as np
    from jax.scipy.linalg import cho_factor, cho_solve
except ImportError as error:
    say({"absent": str(error)})
    raise SystemExit(0)


def work(find, *arguments, note=None):
    """`find`, jitted, of arguments that lie ready."""
    compiled = jax.jit(find)
    ready = [jax.block_until_ready(jnp.asarray(argument)) for argument in arguments]
    last = [None]

    def run():
        last[0] = compiled(*ready).block_until_ready()

    return Work(run, lambda: np.asarray(last[0]), note)


def features(given: Input, name, rows, columns):
    return np.ascontiguousarray(given.load(name, rows, columns).T)


def logistic_gradient(given: Input):
    n, d, penalty = given.sizes["n"], given.sizes["d"], given.at["penalty"]

    def find(X, y, w):
        return X @ (jax.nn.sigmoid(w @ X) - y) / n + penalty * w

    return work(find, features(given, "X", n, d), given.load("y"), given.load("w"))


def hessian_product(given: Input):
    n, d, penalty = given.sizes["n"], given.sizes["d"], given.at["penalty"]

    def find(X, curvature, v):
        return X @ (curvature * (v @ X)) / n + penalty * v

    return work(find, features(given, "X", n, d), given.load("curvature"), given.load("v"))


def matrix_product(given: Input):
    n = given.sizes["n"]
    return work(lambda A, B: A @ B, given.load("A", n, n), given.load("B", n, n))


def cholesky(given: Input):
    n = given.sizes["n"]
    return work(partial(jax.lax.linalg.cholesky, symmetrize_input=False), given.load("A", n, n))


def solve_positive(A, b):
    """Differentiable in both; the factor made for the solution serves the adjoint."""
    factor = cho_factor(jax.lax.stop_gradient(A), lower=True)
    return jax.lax.custom_linear_solve(lambda x: A @ x, b, lambda _, rhs: cho_solve(factor, rhs), symmetric=True)


def split(given: Input):
    n, m, d = given.sizes["n"], given.sizes["m"], given.sizes["d"]
    return features(given, "X", n, d), given.load("y"), features(given, "Xv", m, d), given.load("yv")


def ridge_first(given: Input):
    n, d = given.sizes["n"], given.sizes["d"]

    def criterion(penalty, X, y, Xv, yv):
        w = solve_positive(X @ X.T / n + penalty * jnp.eye(d), X @ y / n)
        return jnp.mean((w @ Xv - yv) ** 2)

    return work(jax.grad(criterion), given.at["penalty"], *split(given))


def ridge_again(given: Input):
    n, m, d = given.sizes["n"], given.sizes["m"], given.sizes["d"]
    X, y, Xv, yv = split(given)
    parts = [jax.block_until_ready(jnp.asarray(part)) for part in (X @ X.T / n, X @ y / n, Xv @ Xv.T / m, Xv @ yv / m)]

    def criterion(penalty, G, b, Gv, bv):
        w = solve_positive(G + penalty * jnp.eye(d), b)
        # The mean of squares, but for its constant.
        return w @ (Gv @ w) - 2 * (w @ bv)

    compiled = jax.jit(jax.grad(criterion))
    penalty = given.at["penalty"]
    count = 0

    def run():
        nonlocal count
        count += 1
        compiled(penalty * (1 + 1e-3 * (count % 8)), *parts).block_until_ready()

    return Work(run, lambda: np.asarray(compiled(penalty, *parts)))


def conjugate_gradient(product, rhs, stop, precondition=lambda r: r):
    """Until ‖product(x) − rhs‖ ≤ stop."""

    def going(state):
        return jnp.vdot(state[1], state[1]) > stop**2

    def step(state):
        x, r, p, rz = state
        q = product(p)
        length = rz / jnp.vdot(p, q)
        x, r = x + length * p, r - length * q
        z = precondition(r)
        new = jnp.vdot(r, z)
        return x, r, z + (new / rz) * p, new

    z = precondition(rhs)
    return jax.lax.while_loop(going, step, (jnp.zeros_like(rhs), rhs, z, jnp.vdot(rhs, z)))[0]


def newton(gradient, start, precondition=lambda r: r):
    """Newton's method, each step by conjugate gradients, until ‖gradient‖ ≤ 1e-8."""

    def going(state):
        return state[1] > 1e-8

    def step(state):
        g, product = jax.linearize(gradient, state[0])
        size = jnp.sqrt(jnp.vdot(g, g))
        # Once there, the linear solve stops before its first step.
        stop = jnp.where(size <= 1e-8, jnp.inf, jnp.maximum(size * jnp.minimum(0.3, size), 5e-9))
        return state[0] - conjugate_gradient(product, g, stop, precondition), size

    return jax.lax.while_loop(going, step, (start, jnp.inf))[0]


def implicit(loss, criterion, x, theta, precondition=lambda r: r):
    """−Jᵀ H⁻¹ ∇f at the minimiser x."""
    gradient = jax.grad(loss)
    rhs = jax.grad(criterion)(x)
    product = jax.linearize(lambda x: gradient(x, theta), x)[1]
    v = conjugate_gradient(product, rhs, 1e-8 * jnp.sqrt(jnp.vdot(rhs, rhs)), precondition)
    return -jax.vjp(lambda theta: gradient(x, theta), theta)[1](v)[0]


def logistic_loss(X, y, w):
    z = w @ X
    return jnp.mean(jax.nn.softplus(z) - y * z)


def logistic(given: Input):
    d = given.sizes["d"]

    def find(penalty, gram, X, y, Xv, yv):
        loss = lambda w, penalty: logistic_loss(X, y, w) + penalty * (w @ w)
        # See numpy_peer.py.
        inverse = jnp.linalg.inv(0.25 * gram + 2 * penalty * jnp.eye(d))
        precondition = lambda r: inverse @ r
        w = newton(lambda w: jax.grad(loss)(w, penalty), jnp.zeros(d), precondition)
        return implicit(loss, partial(logistic_loss, Xv, yv), w, penalty, precondition)

    X, *others = split(given)
    return work(find, given.at["penalty"], X @ X.T / X.shape[1], X, *others, note="inner: Newton-CG, preconditioned as NumPy's")


def unrolled_logistic(given: Input):
    d, steps = given.sizes["d"], given.sizes["steps"]

    def criterion(hypers, X, y, Xv, yv):
        penalty, rate = hypers
        gradient = jax.grad(lambda w: logistic_loss(X, y, w) + penalty * (w @ w))
        w = jax.lax.scan(lambda w, _: (w - rate * gradient(w), None), jnp.zeros(d), None, length=steps)[0]
        return logistic_loss(Xv, yv, w)

    return work(jax.grad(criterion), np.array([given.at["penalty"], given.at["rate"]]), *split(given))


def one_hot(labels, classes):
    return (np.arange(classes)[:, None] == labels[None, :]).astype(float)


def cross_entropy(Z, y):
    """Of scores [classes, n] and one-hot labels."""
    return jax.nn.logsumexp(Z, axis=0) - jnp.sum(y * Z, axis=0)


def unrolled_network(given: Input):
    n, m, pixels, hidden, classes, steps = (given.sizes[name] for name in ("n", "m", "pixels", "hidden", "classes", "steps"))

    def criterion(hypers, W1, W2, X, y, Xv, yv):
        decay, rate = hypers

        def data_loss(params, X, y):
            W1, b1, W2, b2 = params
            return jnp.mean(cross_entropy(W2 @ jnp.tanh(W1 @ X + b1[:, None]) + b2[:, None], y))

        def loss(params):
            return data_loss(params, X, y) + decay / 2 * (jnp.sum(params[0] ** 2) + jnp.sum(params[2] ** 2))

        # Recomputed in the reverse sweep: storing every intermediate array of every step takes twice as long.
        @jax.checkpoint
        def step(params, _):
            return jax.tree.map(lambda p, g: p - rate * g, params, jax.grad(loss)(params)), None

        start = (W1, jnp.zeros(hidden), W2, jnp.zeros(classes))
        return data_loss(jax.lax.scan(step, start, None, length=steps)[0], Xv, yv)

    return work(
        jax.grad(criterion),
        np.array([given.at["decay"], given.at["rate"]]),
        given.load("W1", pixels, hidden).T,
        given.load("W2", hidden, classes).T,
        features(given, "X", n, pixels),
        one_hot(given.load("y"), classes),
        features(given, "Xv", m, pixels),
        one_hot(given.load("yv"), classes),
    )


def hyper_cleaning(given: Input):
    n, m, pixels, classes = (given.sizes[name] for name in ("n", "m", "pixels", "classes"))
    ridge = given.at["ridge"]

    def find(theta, X, y, Xv, yv):
        loss = lambda W, theta: jnp.mean(jax.nn.sigmoid(theta) * cross_entropy(W @ X, y)) + ridge / 2 * jnp.sum(W**2)
        # See numpy_peer.py: every class' block of the Hessian is near this one matrix.
        around = 0.1 / n * (X * jax.nn.sigmoid(theta)) @ X.T + ridge * jnp.eye(pixels)
        inverse = jnp.linalg.inv(around)
        precondition = lambda r: r @ inverse
        W = newton(lambda W: jax.grad(loss)(W, theta), jnp.zeros((classes, pixels)), precondition)
        return implicit(loss, lambda W: jnp.mean(cross_entropy(W @ Xv, yv)), W, theta, precondition)

    return work(
        find,
        given.load("theta"),
        features(given, "X", n, pixels),
        one_hot(given.load("noisy"), classes),
        features(given, "Xv", m, pixels),
        one_hot(given.load("yv"), classes),
        note="inner: Newton-CG, preconditioned as NumPy's",
    )


serve(
    {"jax": jax.__version__, "jaxlib": jaxlib.__version__},
    {
        "logistic-gradient": logistic_gradient,
        "hessian-product": hessian_product,
        "matrix-product": matrix_product,
        "cholesky": cholesky,
        "ridge-first": ridge_first,
        "ridge-again": ridge_again,
        "logistic": logistic,
        "unrolled-logistic": unrolled_logistic,
        "unrolled-network": unrolled_network,
        "hyper-cleaning": hyper_cleaning,
    },
)
