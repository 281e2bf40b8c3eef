"""Makes packages/solvers/fixtures/sklearn.json: scikit-learn's answers where the published reference has none.

Support-vector machines and cross-validated logistic regression with three classes, unbalanced classes, other values of
C and epsilon, and sizes at which libsvm's shrinking takes part; stratified folds; kernels are Gram matrices of the
stored features.

Made with Python 3.11, scikit-learn 1.2.1, NumPy 1.24.2 (Debian 12: python3-sklearn).
Run from the repository root: python3 tooling/reference/make_solver_cases.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC, SVR

warnings.filterwarnings("ignore", category=UserWarning)
warnings.filterwarnings("error", category=ConvergenceWarning)

OUT = Path("packages/solvers/fixtures/sklearn.json")


def problem(seed, classes, counts, queries, features):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), counts)
    rng.shuffle(labels)
    centres = rng.normal(size=(classes, features))
    train = np.round(centres[labels] + 1.2 * rng.normal(size=(len(labels), features)), 4)
    test_labels = rng.integers(0, classes, queries)
    test = np.round(centres[test_labels] + 1.2 * rng.normal(size=(queries, features)), 4)
    return train, labels, test


def main():
    cases = []
    for seed, classes, counts, penalty in [
        (0, 2, [12, 9], 1.0),
        (1, 3, [8, 11, 6], 1.0),
        (2, 4, [20, 25, 15, 30], 0.05),
        (3, 2, [70, 90], 10.0),
    ]:
        train, labels, test = problem(seed, classes, counts, 25, 6)
        k, kt = train @ train.T, train @ test.T
        svc = SVC(kernel="precomputed", C=penalty).fit(k, labels)
        svr = SVR(kernel="precomputed", C=penalty, epsilon=0.2).fit(k, 2.0 * labels - 1)
        case = {
            "seed": seed,
            "classes": classes,
            "C": penalty,
            "train": train.tolist(),
            "test": test.tolist(),
            "labels": labels.tolist(),
            "svc": svc.predict(kt.T).tolist(),
            "svc_decision": np.round(svc.decision_function(kt.T).reshape(len(test), -1), 10).tolist(),
            "svr": np.round(svr.predict(kt.T), 10).tolist(),
        }
        folds = np.empty(len(labels), dtype=int)
        for k_fold, (_, held) in enumerate(StratifiedKFold(5).split(labels, labels)):
            folds[held] = k_fold
        case["folds"] = folds.tolist()
        if seed < 2:
            logistic = LogisticRegressionCV(max_iter=10000, random_state=0).fit(k, labels)
            case["logistic_C"] = float(logistic.C_[0])
            case["logistic_decision"] = np.round(
                logistic.decision_function(kt.T).reshape(len(test), -1), 10
            ).tolist()
        if seed < 2:
            probe = LogisticRegressionCV(max_iter=5000, multi_class="multinomial", random_state=0).fit(train, labels)
            case["probe_C"] = float(probe.C_[0])
            case["probe_weights"] = np.round(probe.coef_, 10).tolist()
            case["probe_bias"] = np.round(probe.intercept_, 10).tolist()
        cases.append(case)
    OUT.write_text(json.dumps({"sklearn": __import__("sklearn").__version__, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
