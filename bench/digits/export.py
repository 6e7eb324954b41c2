"""Writes digits.csv: the first 1500 rows of scikit-learn's digits (64 pixels 0..16, then the digit), as integers. No header.

Run: python export.py   (needs scikit-learn; the file is committed, so that a benchmark does not)
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
rows = np.column_stack([digits.data, digits.target])[:1500].astype(int)
np.savetxt(Path(__file__).with_name("digits.csv"), rows, fmt="%d", delimiter=",")
