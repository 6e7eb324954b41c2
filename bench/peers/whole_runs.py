"""Group d in NumPy alone, a process each: `whole_runs.py PROBLEM FILES SPLIT_ORDERS` prints {"outer": …}, the criterion that was reached.

Ridge and logistic regression search the logarithm of one penalty until its derivative is below 1e-6 of the criterion, by secants;
hyper-cleaning takes the hundred gradient steps that the page prescribes.
"""

import json
import math
import os
import sys

try:
    import numpy as np
except ImportError as error:
    print(json.dumps({"absent": str(error)}))
    raise SystemExit(0)


def read(path, header=False):
    with open(path) as file:
        names = [name.strip('"') for name in file.readline().strip().split(",")] if header else []
        values = np.array([line.split(",") for line in file.read().split()], dtype=float)
    return (names, values) if header else values


def parts(values, orders):
    n = len(values)
    order = np.fromfile(os.path.join(orders, f"{n}.f64")).astype(int)
    first, second = round(0.6 * n), round(0.8 * n)
    return values[order[:first]], values[order[first:second]]


def minimise(criterion, u):
    """Of one variable: `criterion(u)` is a value and a derivative. Secants on the derivative, kept between the signs once both are seen."""
    value, slope = criterion(u)
    step = -math.copysign(1.0, slope)
    low = high = None
    while abs(slope) > 1e-6 * abs(value):
        if slope > 0:
            high = u
        else:
            low = u
        new = u + step
        if low is not None and high is not None and not min(low, high) < new < max(low, high):
            new = (low + high) / 2
        value, new_slope = criterion(new)
        rise = (new_slope - slope) / (new - u)
        u, slope = new, new_slope
        step = -slope / rise if rise > 0 else -math.copysign(2.0, slope)
        step = max(-4.0, min(4.0, step))
    return value


def standardised(path, orders, target, columns):
    names, values = read(path, header=True)
    train, valid = parts(values, orders)
    X, Xv = train[:, columns(names)], valid[:, columns(names)]
    centre, spread = X.mean(axis=0), X.std(axis=0)
    y = names.index(target)
    return (X - centre) / spread, train[:, y], (Xv - centre) / spread, valid[:, y]


def ridge(path, orders):
    X, y, Xv, yv = standardised(path, orders, "progression", lambda names: slice(names.index("age"), names.index("s6") + 1))
    n, m = len(X), len(Xv)
    # The intercept is the mean: the columns of X are centred.
    b = y.mean()
    values, vectors = np.linalg.eigh(X.T @ X / n)
    target = vectors.T @ (X.T @ (y - b) / n)
    A = Xv @ vectors

    def criterion(u):
        shrunk = 1 / (values + math.exp(u))
        w = shrunk * target
        residual = A @ w + b - yv
        return residual @ residual / m, -math.exp(u) * (2 / m * (residual @ A)) @ (shrunk * w)

    return minimise(criterion, 0.0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logistic(path, orders):
    X, y, Xv, yv = standardised(
        path, orders, "malignant", lambda names: slice(names.index("mean radius"), names.index("worst fractal dimension") + 1)
    )
    X, Xv = np.column_stack([X, np.ones(len(X))]), np.column_stack([Xv, np.ones(len(Xv))])
    n, m, d = len(X), len(Xv), X.shape[1]
    ones = np.ones(d)
    ones[-1] = 0
    state = [np.zeros(d)]

    def loss(w, penalty):
        z = X @ w
        return np.mean(np.logaddexp(0, z) - y * z) + penalty * (ones * w) @ w

    def criterion(u):
        penalty = math.exp(u)
        w = state[0]
        while True:
            s = sigmoid(X @ w)
            g = X.T @ (s - y) / n + 2 * penalty * ones * w
            H = (X.T * (s * (1 - s) / n)) @ X + np.diag(2 * penalty * ones)
            if np.linalg.norm(g) <= 1e-10:
                break
            step = np.linalg.solve(H, g)
            length = 1.0
            while length > 1e-6 and loss(w - length * step, penalty) > loss(w, penalty) + 1e-14:
                length /= 2
            w = w - length * step
        state[0] = w
        z = Xv @ w
        v = np.linalg.solve(H, Xv.T @ (sigmoid(z) - yv) / m)
        return np.mean(np.logaddexp(0, z) - yv * z), -penalty * 2 * (v @ (ones * w))

    return minimise(criterion, math.log(0.1))


def conjugate_gradient(product, rhs, stop, precondition):
    x, r = np.zeros_like(rhs), rhs.copy()
    z = precondition(r)
    p, rz = z.copy(), (r * z).sum()
    while True:
        q = product(p)
        step = rz / (p * q).sum()
        x += step * p
        r -= step * q
        if np.linalg.norm(r) <= stop:
            return x
        z = precondition(r)
        rz, before = (r * z).sum(), rz
        p *= rz / before
        p += z


def hyper_cleaning(folder, _orders):
    def data(rows, labels):
        X = read(os.path.join(folder, rows)) / 16
        X = np.column_stack([X, np.ones(len(X))])
        y = read(os.path.join(folder, labels)).reshape(-1)
        return X, np.ascontiguousarray(X.T), (np.arange(10)[:, None] == y[None, :]).astype(float)

    X, XT, Y = data("X_train.csv", "y_train_corrupted.csv")
    Xv, XvT, Yv = data("X_val.csv", "y_val.csv")
    n, m, ridge_weight = len(X), len(Xv), 0.01

    def softmax(Z):
        Z -= Z.max(axis=0)
        np.exp(Z, out=Z)
        Z /= Z.sum(axis=0)
        return Z

    def value_and_gradient(theta, W):
        s = sigmoid(theta)
        weights = s / n
        inverse = np.linalg.inv(0.1 * ((XT * weights) @ X) + ridge_weight * np.eye(len(XT)))
        precondition = lambda r: r @ inverse

        def products(P):
            Q = P * weights

            def product(V):
                R = V @ XT
                R -= np.einsum("ij,ij->j", P, R)
                R *= Q
                return R @ X + ridge_weight * V

            return product

        while True:
            P = softmax(W @ XT)
            g = (weights * (P - Y)) @ X + ridge_weight * W
            size = np.linalg.norm(g)
            if size <= 1e-8:
                break
            W = W - conjugate_gradient(products(P), g, max(size * min(0.3, size), 5e-9), precondition)
        Z = W @ XvT
        top = Z.max(axis=0)
        value = np.mean(top + np.log(np.exp(Z - top).sum(axis=0)) - (Yv * Z).sum(axis=0))
        rhs = (softmax(Z) - Yv) @ Xv / m
        V = conjugate_gradient(products(P), rhs, 1e-8 * np.linalg.norm(rhs), precondition)
        return value, -(s * (1 - s)) / n * np.einsum("ij,ij->j", V @ XT, P - Y), W

    theta, W = np.zeros(n), np.zeros((10, len(XT)))
    for _ in range(100):
        _, gradient, W = value_and_gradient(theta, W)
        theta = theta - 100 * gradient
    return value_and_gradient(theta, W)[0]


problem, files, split_orders = sys.argv[1:4]
outer = {"ridge": ridge, "logistic": logistic, "hyper-cleaning": hyper_cleaning}[problem](files, split_orders)
print(json.dumps({"outer": float(outer)}))
