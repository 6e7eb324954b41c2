"""Writes the data of the examples from the copies that scikit-learn ships: raw measurements, with their column names.

Needs Python 3 with numpy and scikit-learn; neither the product nor its tests do. Run from the root of the repository:

    python scripts/make-example-data.py
"""

import csv
from pathlib import Path

from sklearn.datasets import load_breast_cancer, load_diabetes

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


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
for example in ("logistic", "learning-rate"):
    write(
        EXAMPLES / example / "breast-cancer.csv",
        [*map(str, cancer.feature_names), "malignant"],
        ([*features, 1 - target] for features, target in zip(cancer.data, cancer.target)),
    )
