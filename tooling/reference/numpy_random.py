"""Golden numbers of NumPy's legacy RandomState and of pandas' sample, for packages/core/fixtures/mt19937.json.

Run: python3 tooling/reference/numpy_random.py
Made with numpy 1.24.2 and pandas 1.5.3. RandomState's streams are frozen by NumPy (NEP 19), so other versions agree.
"""

import json
import os

import numpy as np
import pandas as pd

OUT = os.path.join(os.path.dirname(__file__), "../../packages/core/fixtures/mt19937.json")


def case(seed):
    def fresh():
        return np.random.RandomState(seed)

    words = [int(v) for v in fresh().randint(0, 2**32, size=1300, dtype=np.uint32)]
    mixed = fresh()
    items = list("abcdefghijklmnopqrstuvwxyz")
    fresh().shuffle(items)
    return {
        "seed": seed,
        "uint32First": words[:8],
        "uint32At1299": words[1299],
        "randomSample": [float(v) for v in fresh().random_sample(6)],
        "randint": [int(v) for v in fresh().randint(-5, 1000, size=12)],
        "randintFull": [int(v) for v in fresh().randint(0, 2**32 - 1, size=3, dtype=np.int64)],
        "standardNormal": [float(v) for v in fresh().standard_normal(7)],
        "shuffledLetters": "".join(items),
        "permutation": [int(v) for v in fresh().permutation(37)],
        "choice": [int(v) for v in fresh().choice(50, size=9, replace=False)],
        # One stream through several methods: each must draw exactly as many words as NumPy's.
        "mixed": [
            float(mixed.standard_normal()),
            float(mixed.random_sample()),
            int(mixed.randint(0, 100)),
            float(mixed.standard_normal()),
            [int(v) for v in mixed.permutation(5)],
            float(mixed.standard_normal()),
        ],
    }


fixture = {
    "numpy": np.__version__,
    "pandas": pd.__version__,
    "cases": [case(seed) for seed in [0, 1, 13, 42, 100, 2**32 - 1, [1], [1, 2, 3], [2**32 - 1, 7, 0]]],
    "pandasSample": {
        "rows": 2000,
        "n": 1000,
        "randomState": 42,
        "index": [int(v) for v in pd.DataFrame({"a": range(2000)}).sample(n=1000, random_state=42).index],
    },
}
with open(OUT, "w") as f:
    json.dump(fixture, f, indent=1)
    f.write("\n")
