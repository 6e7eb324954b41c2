"""NumPy and SciPy, float64: every derivative written by hand, and every row written as fast as we know how.

Where rows meet columns of ten or a few dozen (digits, network), arrays lie transposed, classes first, so that sums over classes run
along memory.
"""

import math

from protocol import Absent, Input, Work, say, serve

try:
    import numpy as np
    import scipy
    from scipy.linalg import lapack
except ImportError as error:
    say({"absent": str(error)})
    raise SystemExit(0)


def sigmoid(z):
    """In place."""
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


def softmax(Z):
    """Over axis 0, in place."""
    Z -= Z.max(axis=0)
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=0)
    return Z


def one_hot(labels, classes):
    return (np.arange(classes)[:, None] == labels[None, :]).astype(float)


def inner(a, b):
    return float(a.ravel() @ b.ravel())


def norm(a):
    return math.sqrt(inner(a, a))


def conjugate_gradient(product, rhs, stop, precondition=lambda r: r):
    """Until ‖product(x) − rhs‖ ≤ stop."""
    x = np.zeros_like(rhs)
    r = rhs.copy()
    z = precondition(r)
    p = z.copy()
    rz = inner(r, z)
    while True:
        q = product(p)
        step = rz / inner(p, q)
        x += step * p
        r -= step * q
        if norm(r) <= stop:
            return x
        z = precondition(r)
        rz, before = inner(r, z), rz
        p *= rz / before
        p += z


class Last:
    """Keeps what the last run found."""

    def __init__(self, find):
        self.find = find
        self.value = None

    def __call__(self):
        self.value = self.find()


def work(find, note=None):
    last = Last(find)
    return Work(last, lambda: last.value, note)


# Columns one after another: about a tenth faster than rows in both directions.
def columns(array):
    return np.asfortranarray(array)


def logistic_gradient(given: Input):
    n, d, penalty = given.sizes["n"], given.sizes["d"], given.at["penalty"]
    X, y, w = columns(given.load("X", n, d)), given.load("y"), given.load("w")
    z = np.empty(n)

    def find():
        np.dot(X, w, out=z)
        sigmoid(z)
        np.subtract(z, y, out=z)
        g = np.dot(X.T, z)
        g /= n
        g += penalty * w
        return g

    return work(find)


def hessian_product(given: Input):
    n, d, penalty = given.sizes["n"], given.sizes["d"], given.at["penalty"]
    X, v, curvature = columns(given.load("X", n, d)), given.load("v"), given.load("curvature")
    z = np.empty(n)

    def find():
        np.dot(X, v, out=z)
        np.multiply(z, curvature, out=z)
        h = np.dot(X.T, z)
        h /= n
        h += penalty * v
        return h

    return work(find)


def matrix_product(given: Input):
    n = given.sizes["n"]
    A, B, C = given.load("A", n, n), given.load("B", n, n), np.empty((n, n))
    return work(lambda: np.matmul(A, B, out=C))


def cholesky(given: Input):
    n = given.sizes["n"]
    # A symmetric matrix is its own transpose, so that LAPACK's columns cost no copy. NumPy's own `cholesky` takes twice as long.
    A = given.load("A", n, n).T
    return work(lambda: lapack.dpotrf(A, lower=1, clean=1)[0])


def ridge(G, penalty, room):
    """The factor of G + penalty·I, made in `room`."""
    np.copyto(room, G)
    room.flat[:: len(room) + 1] += penalty
    factor, info = lapack.dpotrf(room.T, lower=1, overwrite_a=1, clean=0)
    assert info == 0
    return factor


def ridge_first(given: Input):
    n, m, d, penalty = given.sizes["n"], given.sizes["m"], given.sizes["d"], given.at["penalty"]
    X, y, Xv, yv = columns(given.load("X", n, d)), given.load("y"), columns(given.load("Xv", m, d)), given.load("yv")

    def find():
        # NumPy sees a matrix times its own transpose and computes half of it.
        G = X.T @ X
        G /= n
        factor = ridge(G, penalty, G.copy())
        w = lapack.dpotrs(factor, X.T @ y / n, lower=1)[0]
        gradient = (Xv @ w - yv) @ Xv * (2 / m)
        v = lapack.dpotrs(factor, gradient, lower=1)[0]
        return np.array([-(v @ w)])

    return work(find)


def ridge_again(given: Input):
    n, m, d, penalty = given.sizes["n"], given.sizes["m"], given.sizes["d"], given.at["penalty"]
    X, y, Xv, yv = given.load("X", n, d), given.load("y"), given.load("Xv", m, d), given.load("yv")
    G, b, Gv, bv = X.T @ X / n, X.T @ y / n, Xv.T @ Xv / m, Xv.T @ yv / m
    del X, y, Xv, yv
    room = np.empty_like(G)

    def at(penalty):
        factor = ridge(G, penalty, room)
        w = lapack.dpotrs(factor, b, lower=1)[0]
        v = lapack.dpotrs(factor, 2 * (Gv @ w - bv), lower=1)[0]
        return np.array([-(v @ w)])

    count = 0

    def run():
        nonlocal count
        count += 1
        at(penalty * (1 + 1e-3 * (count % 8)))

    return Work(run, lambda: at(penalty))


class Quasi:
    """Limited-memory BFGS: approximates products with an inverse Hessian, from one that is near it."""

    def __init__(self, memory, near):
        self.memory, self.near, self.scale, self.pairs = memory, near, 1, []

    def add(self, step, change):
        curvature = step @ change
        self.pairs = [*self.pairs[-self.memory + 1 :], (step, change, 1 / curvature)]
        self.scale = curvature / (change @ (self.near @ change))

    def times(self, q):
        q = q.copy()
        weights = []
        for step, change, rho in reversed(self.pairs):
            weights.append(rho * (step @ q))
            q -= weights[-1] * change
        q = self.near @ q
        q *= self.scale
        for (step, change, rho), weight in zip(self.pairs, reversed(weights)):
            q += (weight - rho * (change @ q)) * step
        return q


def logistic(given: Input):
    n, m, d, penalty = given.sizes["n"], given.sizes["m"], given.sizes["d"], given.at["penalty"]
    X, y = columns(given.load("X", n, d)), given.load("y")
    Xv, yv = columns(given.load("Xv", m, d)), given.load("yv")
    # Of the data alone. At w = 0 the Hessian is a quarter of it, and the penalty's.
    gram = X.T @ X / n

    def gradient(w):
        s = sigmoid(X @ w)
        return X.T @ (s - y) / n + 2 * penalty * w, s

    def find():
        w = np.zeros(d)
        g, s = gradient(w)
        around = 0.25 * gram
        around.flat[:: d + 1] += 2 * penalty
        inverse = np.linalg.inv(around)
        quasi = Quasi(10, inverse)
        while norm(g) > 1e-8:
            step = -quasi.times(g)
            new, s = gradient(w + step)
            while norm(new) > 2 * norm(g):
                step *= 0.5
                new, s = gradient(w + step)
            quasi.add(step, new - g)
            w, g = w + step, new
        curvature = s * (1 - s) / n
        criterion = Xv.T @ (sigmoid(Xv @ w) - yv) / m
        product = lambda p: X.T @ (curvature * (X @ p)) + 2 * penalty * p
        v = conjugate_gradient(product, criterion, 1e-8 * norm(criterion), lambda r: inverse @ r)
        return np.array([-2 * (v @ w)])

    return work(
        find,
        "inner: hand-written L-BFGS, from one factor of the Gram matrix, which is made once; it beat L-BFGS without, SciPy's, Newton with Cholesky and Newton-CG",
    )


def unrolled_logistic(given: Input):
    n, m, d, steps = (given.sizes[name] for name in ("n", "m", "d", "steps"))
    penalty, rate = given.at["penalty"], given.at["rate"]
    X, y = columns(given.load("X", n, d)), given.load("y")
    Xv, yv = columns(given.load("Xv", m, d)), given.load("yv")
    points, gradients, curvatures = np.zeros((steps + 1, d)), np.empty((steps, d)), np.empty((steps, n))
    z = np.empty(n)

    def find():
        for t in range(steps):
            s = curvatures[t]
            np.dot(X, points[t], out=s)
            sigmoid(s)
            np.subtract(s, y, out=z)
            g = np.dot(X.T, z, out=gradients[t])
            g /= n
            g += (2 * penalty) * points[t]
            np.multiply(g, -rate, out=points[t + 1])
            points[t + 1] += points[t]
            np.subtract(1, s, out=z)
            s *= z
        w = points[steps]
        adjoint = Xv.T @ (sigmoid(Xv @ w) - yv) / m
        in_penalty = in_rate = 0.0
        for t in range(steps - 1, -1, -1):
            in_rate -= adjoint @ gradients[t]
            in_penalty -= 2 * rate * (adjoint @ points[t])
            np.dot(X, adjoint, out=z)
            np.multiply(z, curvatures[t], out=z)
            h = np.dot(X.T, z)
            h *= -rate / n
            adjoint *= 1 - 2 * rate * penalty
            adjoint += h
        return np.array([in_penalty, in_rate])

    return work(find)


def unrolled_network(given: Input):
    n, m, pixels, hidden, classes, steps = (given.sizes[name] for name in ("n", "m", "pixels", "hidden", "classes", "steps"))
    decay, rate = given.at["decay"], given.at["rate"]
    X, Xv = (np.column_stack([given.load(name, rows, pixels), np.ones(rows)]) for name, rows in (("X", n), ("Xv", m)))
    XT, XvT = np.ascontiguousarray(X.T), np.ascontiguousarray(Xv.T)
    Y, Yv = one_hot(given.load("y"), classes), one_hot(given.load("yv"), classes)
    # V [hidden, pixels + 1] and U [classes, hidden + 1]: the last columns are the biases, which do not decay.
    start1 = np.column_stack([given.load("W1", pixels, hidden).T, np.zeros(hidden)])
    start2 = np.column_stack([given.load("W2", hidden, classes).T, np.zeros(classes)])
    decay1, decay2 = np.full_like(start1, decay), np.full_like(start2, decay)
    decay1[:, -1] = decay2[:, -1] = 0

    def rooms(count, rows):
        """Activations with a last row of ones, errors, errors carried back (twice), and two to work in."""
        activations = np.ones((count, hidden + 1, rows))
        return activations, np.empty((count, classes, rows)), np.empty((count, hidden, rows)), np.empty((hidden, rows))

    def gradient(V, U, XT, X, Y, A, E, back, room):
        """Of the mean cross entropy of softmax(U (tanh(V Xᵀ), 1)): leaves the activations in A, (P − Y) / n in E, twice dL/d(V Xᵀ) in back."""
        H = A[:-1]
        np.matmul(V, XT, out=H)
        np.tanh(H, out=H)
        np.matmul(U, A, out=E)
        softmax(E)
        E -= Y
        E *= 1 / Y.shape[1]
        np.matmul(2 * U[:, :-1].T, E, out=back)
        np.multiply(H, H, out=room)
        np.subtract(1, room, out=room)
        back *= room
        gV = back @ X
        gV *= 0.5
        return gV, E @ A.T

    train, valid = rooms(steps, n), rooms(1, m)
    slope, wide, narrow, P = np.empty((hidden, n)), np.empty((hidden, n)), np.empty((classes, n)), np.empty((classes, n))

    def find():
        V, U = start1, start2
        trail = []
        for A, E, back in zip(*train[:3]):
            gV, gU = gradient(V, U, XT, X, Y, A, E, back, train[3])
            gV += decay1 * V
            gU += decay2 * U
            trail.append((V, U, gV, gU, A, E, back))
            V, U = V - rate * gV, U - rate * gU
        aV, aU = gradient(V, U, XvT, Xv, Yv, valid[0][0], valid[1][0], valid[2][0], valid[3])
        in_decay = in_rate = 0.0
        for V, U, gV, gU, A, E, back in reversed(trail):
            H = A[:-1]
            in_rate -= inner(aV, gV) + inner(aU, gU)
            in_decay -= rate * (inner(aV[:, :-1], V[:, :-1]) + inner(aU[:, :-1], U[:, :-1]))
            # The Hessian times the adjoint: every line of `gradient`, differentiated along (aV, aU).
            np.multiply(H, H, out=slope)
            np.subtract(1, slope, out=slope)
            RH = np.matmul(aV, XT, out=wide)
            np.multiply(back, RH, out=back)
            back *= H
            RH *= slope
            RE = np.matmul(U[:, :-1], RH, out=narrow)
            RE += np.matmul(aU, A, out=P)
            np.multiply(E, n, out=P)
            np.add(P, Y, out=P)
            RE -= np.einsum("ij,ij->j", P, RE)
            RE *= P
            RE *= 1 / n
            hU = RE @ A.T
            hU[:, :-1] += E @ RH.T
            RB = np.matmul(U[:, :-1].T, RE, out=wide)
            RB += aU[:, :-1].T @ E
            RB *= slope
            RB -= back
            aV, aU = aV - rate * (decay1 * aV + RB @ X), aU - rate * (decay2 * aU + hU)
        return np.array([in_decay, in_rate])

    return work(find)


def hyper_cleaning(given: Input):
    n, m, pixels, classes = (given.sizes[name] for name in ("n", "m", "pixels", "classes"))
    ridge_weight = given.at["ridge"]
    X, Xv = given.load("X", n, pixels), given.load("Xv", m, pixels)
    XT, XvT = np.ascontiguousarray(X.T), np.ascontiguousarray(Xv.T)
    Y, Yv = one_hot(given.load("noisy"), classes), one_hot(given.load("yv"), classes)
    s = sigmoid(given.load("theta"))

    def gradient(W, weights):
        P = softmax(W @ XT)
        g = (weights * (P - Y)) @ X
        g += ridge_weight * W
        return g, P

    def products(P, weights):
        Q = P * weights

        def product(V):
            R = V @ XT
            R -= np.einsum("ij,ij->j", P, R)
            R *= Q
            h = R @ X
            h += ridge_weight * V
            return h

        return product

    def find():
        weights = s / n
        # diag(p) − ppᵀ is near I/10 while no class is sure, so every class' block of the Hessian is near this one matrix.
        around = 0.1 * ((XT * weights) @ X)
        around.flat[:: pixels + 1] += ridge_weight
        inverse = np.linalg.inv(around)
        precondition = lambda R: R @ inverse

        W = np.zeros((classes, pixels))
        while True:
            g, P = gradient(W, weights)
            size = norm(g)
            if size <= 1e-8:
                break
            W -= conjugate_gradient(products(P, weights), g, max(size * min(0.3, size), 5e-9), precondition)
        criterion = (softmax(W @ XvT) - Yv) @ Xv / m
        V = conjugate_gradient(products(P, weights), criterion, 1e-8 * norm(criterion), precondition)
        return -(s * (1 - s)) / n * np.einsum("ij,ij->j", V @ XT, P - Y)

    return work(find, "inner: Newton-CG, preconditioned by one factor of the weighted Gram matrix; it beat L-BFGS and plain Newton-CG")


serve(
    {"numpy": np.__version__, "scipy": scipy.__version__},
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
