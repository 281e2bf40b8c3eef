"""Golden metrics of scikit-learn and SciPy for packages/tasks/fixtures/metrics.json.

Run: python3 tooling/reference/task_metrics.py
Made with scikit-learn 1.2.1, scipy 1.10.1, numpy 1.24.2.
"""

import json
import os
import warnings

import numpy as np
import scipy
import sklearn
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

warnings.simplefilter("ignore")
OUT = os.path.join(os.path.dirname(__file__), "../../packages/tasks/fixtures/metrics.json")
random = np.random.RandomState(7)

classification = []
for n, labels in [(1, 2), (5, 2), (40, 2), (40, 3), (100, 6), (12, 2)]:
    gold = random.randint(0, labels, n)
    predicted = np.where(random.random_sample(n) < 0.5, gold, random.randint(0, labels, n))
    if n == 12:
        predicted = np.zeros(n, dtype=int)
    case = {
        "gold": gold.tolist(),
        "predicted": predicted.tolist(),
        "accuracy": accuracy_score(gold, predicted),
        "matthews": matthews_corrcoef(gold, predicted),
    }
    if labels == 2:
        case["f1"] = f1_score(gold, predicted, zero_division=0)
    classification.append(case)

correlation = []
for n, digits in [(2, 3), (30, 6), (200, 1), (50, 0)]:
    gold = np.round(random.random_sample(n) * 5, digits)
    predicted = np.round(gold + random.standard_normal(n), digits)
    correlation.append(
        {
            "gold": gold.tolist(),
            "predicted": predicted.tolist(),
            "pearson": pearsonr(predicted, gold)[0],
            "spearman": spearmanr(predicted, gold)[0],
        }
    )

values = random.random_sample(5)
with open(OUT, "w") as f:
    json.dump(
        {
            "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__},
            "classification": classification,
            "correlation": correlation,
            "meanSd": {"values": values.tolist(), "mean": values.mean(), "sd": values.std()},
        },
        f,
    )
    f.write("\n")
