"""PyTorch on the CPU, float64, eager; derivatives are its own, except for the two formulas of group a and the inner gradients that it
is to differentiate once more: written out, they beat its double backward pass."""

import math
import os
import re

from protocol import Input, Work, say, serve

# This version leaves AVX-512 to those who ask for it.
if os.path.exists("/proc/cpuinfo") and re.search(r"\bavx512vl\b", open("/proc/cpuinfo").read()):
    os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")

try:
    import numpy as np
    import torch
    from torch.nn.functional import softplus
except ImportError as error:
    say({"absent": str(error)})
    raise SystemExit(0)

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def work(find, note=None):
    last = [None]

    def run():
        last[0] = find()

    return Work(run, lambda: last[0].detach().numpy(), note)


def load(given: Input, name, *shape):
    return torch.from_numpy(given.load(name, *shape))


def columns(given: Input, name, rows, count):
    """A matrix whose columns lie one after another: a quarter faster than rows in both directions."""
    return load(given, name, rows, count).t().contiguous().t()


def logistic_gradient(given: Input):
    n, d, penalty = given.sizes["n"], given.sizes["d"], given.at["penalty"]
    X, y, w = columns(given, "X", n, d), load(given, "y"), load(given, "w")

    def find():
        residual = torch.mv(X, w).sigmoid_().sub_(y).div_(n)
        return torch.addmv(w, X.t(), residual, beta=penalty)

    return work(find)


def hessian_product(given: Input):
    n, d, penalty = given.sizes["n"], given.sizes["d"], given.at["penalty"]
    X, v, curvature = columns(given, "X", n, d), load(given, "v"), load(given, "curvature")

    def find():
        return torch.addmv(v, X.t(), torch.mv(X, v).mul_(curvature).div_(n), beta=penalty)

    return work(find)


def matrix_product(given: Input):
    n = given.sizes["n"]
    A, B, C = load(given, "A", n, n), load(given, "B", n, n), torch.empty(n, n)
    return work(lambda: torch.mm(A, B, out=C))


def cholesky(given: Input):
    n = given.sizes["n"]
    A = load(given, "A", n, n)
    return work(lambda: torch.linalg.cholesky(A))


def split(given: Input):
    n, m, d = given.sizes["n"], given.sizes["m"], given.sizes["d"]
    return columns(given, "X", n, d), load(given, "y"), columns(given, "Xv", m, d), load(given, "yv")


def ridge_first(given: Input):
    n, d = given.sizes["n"], given.sizes["d"]
    X, y, Xv, yv = split(given)

    def find():
        penalty = torch.tensor([given.at["penalty"]], requires_grad=True)
        w = torch.linalg.solve(X.t() @ X / n + torch.diag(penalty.expand(d)), X.t() @ y / n)
        return torch.autograd.grad(((Xv @ w - yv) ** 2).mean(), penalty)[0]

    return work(find)


def ridge_again(given: Input):
    n, m, d = given.sizes["n"], given.sizes["m"], given.sizes["d"]
    X, y, Xv, yv = split(given)
    G, b, Gv, bv = X.t() @ X / n, X.t() @ y / n, Xv.t() @ Xv / m, Xv.t() @ yv / m
    del X, y, Xv, yv

    def at(value):
        penalty = torch.tensor([value], requires_grad=True)
        w = torch.linalg.solve(G + torch.diag(penalty.expand(d)), b)
        return torch.autograd.grad(w @ (Gv @ w) - 2 * (w @ bv), penalty)[0]

    count = 0

    def run():
        nonlocal count
        count += 1
        at(given.at["penalty"] * (1 + 1e-3 * (count % 8)))

    return Work(run, lambda: at(given.at["penalty"]).numpy())


def inner(a, b):
    return float(torch.dot(a.reshape(-1), b.reshape(-1)))


def norm(a):
    return math.sqrt(inner(a, a))


def conjugate_gradient(product, rhs, stop, precondition=lambda r: r):
    """Until ‖product(x) − rhs‖ ≤ stop."""
    x, r = torch.zeros_like(rhs), rhs.clone()
    z = precondition(r)
    p, rz = z.clone(), inner(r, z)
    while True:
        q = product(p)
        step = rz / inner(p, q)
        x.add_(p, alpha=step)
        r.sub_(q, alpha=step)
        if norm(r) <= stop:
            return x
        z = precondition(r)
        rz, before = inner(r, z), rz
        p.mul_(rz / before).add_(z)


class Quasi:
    """Limited-memory BFGS: approximates products with an inverse Hessian, from one that is near it."""

    def __init__(self, memory, near):
        self.memory, self.near, self.scale, self.pairs = memory, near, 1, []

    def add(self, step, change):
        curvature = inner(step, change)
        self.pairs = [*self.pairs[-self.memory + 1 :], (step, change, 1 / curvature)]
        self.scale = curvature / inner(change, self.near @ change)

    def times(self, q):
        q = q.clone()
        weights = []
        for step, change, rho in reversed(self.pairs):
            weights.append(rho * inner(step, q))
            q.sub_(change, alpha=weights[-1])
        q = self.near @ q
        q.mul_(self.scale)
        for (step, change, rho), weight in zip(self.pairs, reversed(weights)):
            q.add_(step, alpha=weight - rho * inner(change, q))
        return q


def slope(loss, x):
    """The gradient at x, ready to be differentiated again."""
    x = x.detach().requires_grad_(True)
    return torch.autograd.grad(loss(x), x, create_graph=True)[0], x


def products(gradient, x):
    return lambda v: torch.autograd.grad(gradient, x, v, retain_graph=True)[0]


def logistic_loss(X, y, w):
    z = X @ w
    return (softplus(z) - y * z).mean()


def logistic(given: Input):
    d = given.sizes["d"]
    X, y, Xv, yv = split(given)
    gram = X.T @ X / len(X)

    def find():
        # See numpy_peer.py.
        inverse = torch.linalg.inv(0.25 * gram + 2 * given.at["penalty"] * torch.eye(d))
        penalty = torch.tensor(given.at["penalty"], requires_grad=True)
        loss = lambda w: logistic_loss(X, y, w) + penalty * (w @ w)

        def first(w):
            w = w.requires_grad_(True)
            return torch.autograd.grad(loss(w), w)[0]

        w = torch.zeros(d)
        g = slope(loss, w)[0].detach()
        quasi = Quasi(10, inverse)
        while norm(g) > 1e-8:
            step = -quasi.times(g)
            new = first(w + step)
            while norm(new) > 2 * norm(g):
                step *= 0.5
                new = first(w + step)
            quasi.add(step, new - g)
            w, g = (w + step).detach(), new
        gradient, at = slope(loss, w)
        rhs = slope(lambda w: logistic_loss(Xv, yv, w), w)[0].detach()
        v = conjugate_gradient(products(gradient, at), rhs, 1e-8 * norm(rhs), lambda r: inverse @ r)
        return -torch.autograd.grad(gradient, penalty, v)[0].reshape(1)

    return work(find, "inner: L-BFGS, as NumPy's")


def unrolled_logistic(given: Input):
    n, d, steps = given.sizes["n"], given.sizes["d"], given.sizes["steps"]
    X, y, Xv, yv = split(given)

    def find():
        hypers = torch.tensor([given.at["penalty"], given.at["rate"]], requires_grad=True)
        penalty, rate = hypers[0], hypers[1]
        w = torch.zeros(d)
        for _ in range(steps):
            w = w - rate * (torch.mv(X.t(), torch.mv(X, w).sigmoid() - y) / n + 2 * penalty * w)
        return torch.autograd.grad(logistic_loss(Xv, yv, w), hypers)[0]

    return work(find)


def one_hot(labels, classes):
    return (torch.arange(classes)[:, None] == labels[None, :]).to(torch.float64)


def tanh(Z):
    """Its sigmoid is three times as fast as its tanh."""
    return 2 * torch.sigmoid(2 * Z) - 1


def unrolled_network(given: Input):
    n, m, pixels, hidden, classes, steps = (given.sizes[name] for name in ("n", "m", "pixels", "hidden", "classes", "steps"))
    # Features and classes first: a softmax over ten neighbours is slow.
    X, Xv = (columns(given, name, rows, pixels).t() for name, rows in (("X", n), ("Xv", m)))
    Y, Yv = one_hot(load(given, "y"), classes), one_hot(load(given, "yv"), classes)
    start1, start2 = (load(given, name, *shape).t().contiguous() for name, shape in (("W1", (pixels, hidden)), ("W2", (hidden, classes))))

    def find():
        hypers = torch.tensor([given.at["decay"], given.at["rate"]], requires_grad=True)
        decay, rate = hypers[0], hypers[1]
        keep = 1 - rate * decay
        W1, b1, W2, b2 = start1, torch.zeros(hidden, 1), start2, torch.zeros(classes, 1)
        for _ in range(steps):
            A = tanh(torch.addmm(b1, W1, X))
            E = (torch.addmm(b2, W2, A).softmax(0) - Y) / n
            B = (W2.t() @ E) * (1 - A * A)
            W1, b1 = keep * W1 - rate * (B @ X.t()), b1 - rate * B.sum(1, keepdim=True)
            W2, b2 = keep * W2 - rate * (E @ A.t()), b2 - rate * E.sum(1, keepdim=True)
        Z = torch.addmm(b2, W2, tanh(torch.addmm(b1, W1, Xv)))
        criterion = (Z.logsumexp(0) - (Yv * Z).sum(0)).mean()
        return torch.autograd.grad(criterion, hypers)[0]

    return work(find)


def hyper_cleaning(given: Input):
    n, m, pixels, classes = (given.sizes[name] for name in ("n", "m", "pixels", "classes"))
    ridge = given.at["ridge"]
    X, Xv = (columns(given, name, rows, pixels).t() for name, rows in (("X", n), ("Xv", m)))
    Y, Yv = one_hot(load(given, "noisy"), classes), one_hot(load(given, "yv"), classes)
    start = load(given, "theta")

    def losses(W, X, Y):
        Z = W @ X
        return Z.logsumexp(0) - (Y * Z).sum(0)

    def find():
        theta = start.clone().requires_grad_(True)

        def loss(W):
            return torch.dot(theta.sigmoid(), losses(W, X, Y)) / n + ridge / 2 * (W * W).sum()

        # See numpy_peer.py: every class' block of the Hessian is near this one matrix.
        around = 0.1 / n * (X * start.sigmoid()) @ X.t()
        around.diagonal().add_(ridge)
        inverse = torch.linalg.inv(around)
        precondition = lambda r: r @ inverse

        W = torch.zeros(classes, pixels)
        while True:
            gradient, at = slope(loss, W)
            g = gradient.detach()
            size = norm(g)
            if size <= 1e-8:
                break
            W = W - conjugate_gradient(products(gradient, at), g, max(size * min(0.3, size), 5e-9), precondition)
        rhs = slope(lambda W: losses(W, Xv, Yv).mean(), W)[0].detach()
        V = conjugate_gradient(products(gradient, at), rhs, 1e-8 * norm(rhs), precondition)
        return -torch.autograd.grad(gradient, theta, V)[0]

    return work(find, "inner: Newton-CG, preconditioned as NumPy's")


serve(
    {"torch": torch.__version__, "numpy": np.__version__},
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
