"""Writes the data of the examples from the copies that scikit-learn ships: raw measurements, with their column names.

Needs Python 3 with numpy and scikit-learn; neither the product nor its tests do. Run from the root of the repository:

    python scripts/make-example-data.py
"""

import csv
from pathlib import Path

import numpy
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


def shortest(value):
    """The shortest decimal text that reads back as the same float64; whole numbers without a point."""
    value = float(value)
    return str(int(value)) if value.is_integer() else repr(value)


def write(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([shortest(value) for value in row] for row in rows)


diabetes = load_diabetes(scaled=False)
write(
    EXAMPLES / "ridge" / "diabetes.csv",
    [*diabetes.feature_names, "progression"],
    ([*features, target] for features, target in zip(diabetes.data, diabetes.target)),
)

cancer = load_breast_cancer()
assert list(cancer.target_names) == ["malignant", "benign"]
write(
    EXAMPLES / "logistic" / "breast-cancer.csv",
    [*map(str, cancer.feature_names), "malignant"],
    ([*features, 1 - target] for features, target in zip(cancer.data, cancer.target)),
)

# The rows and the falsified labels of the reference problem; what a label was before, scikit-learn's copy knows.
digits = load_digits()
known = {image.tobytes(): label for image, label in zip(digits.data, digits.target)}
assert len(known) == len(digits.target)
REFERENCE = ROOT / "test" / "reference" / "hypercleaning_digits"
taken = set()
pixels = [f"pixel{i}" for i in range(64)]
for name, images, labels in [
    ("train", "X_train", "y_train_corrupted"),
    ("valid", "X_val", "y_val"),
    ("test", "X_test", "y_test"),
]:
    images, labels = (numpy.loadtxt(REFERENCE / f"{file}.csv", delimiter=",") for file in (images, labels))
    written = [known[image.tobytes()] for image in images]
    taken.update(image.tobytes() for image in images)
    is_train = name == "train"
    assert (sum(written != labels) == 60) if is_train else all(written == labels)
    write(
        EXAMPLES / "hyper-cleaning" / f"{name}.csv",
        [*pixels, "label", *(["written"] if is_train else [])],
        ([*image, label, *([digit] if is_train else [])] for image, label, digit in zip(images, labels, written)),
    )

# Five hundred others, two hundred of which are given another digit than the one written.
generator = numpy.random.default_rng(3)
rows = generator.permutation([i for i, image in enumerate(digits.data) if image.tobytes() not in taken])[:500]
labels = digits.target[rows]
falsified = generator.permutation(500)[:200]
labels[falsified] = (labels[falsified] + generator.integers(1, 10, 200)) % 10
write(
    EXAMPLES / "wrong-labels" / "digits.csv",
    [*pixels, "label", "written"],
    ([*digits.data[row], label, digits.target[row]] for row, label in zip(rows, labels)),
)

# Ehrhardt and Roberts' quadratic problem, in the order in which they draw it.
numpy.random.seed(0)
uniform, normal = numpy.random.rand, numpy.random.randn
A = uniform(1000, 10)
b = A @ uniform(10) + 0.01 * normal(1000)
C, D = uniform(1000, 10), uniform(1000, 10)
e = C @ uniform(10) + D @ uniform(10) + 0.01 * normal(1000)
for name, array in {"A": A, "b": b, "C": C, "D": D, "e": e}.items():
    numpy.save(EXAMPLES / "inexact" / f"{name}.npy", array)
