"""The kernel of `pnpm bench solvers`, decomposed by NumPy and solved by SciPy: seconds of a second run each.

Threads are those of the environment (OMP_NUM_THREADS, OPENBLAS_NUM_THREADS).
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy
import scipy.linalg
from scipy.spatial.distance import cdist


def seconds(work: Callable[[], object]) -> float:
    work()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, required=True)
    args = options.parse_args()
    points = numpy.random.default_rng(42).uniform(-1, 1, (args.rows, 16))
    kernel = numpy.exp(-cdist(points, points))
    y = points[:, 0]
    # The largest sum of a row bounds the largest eigenvalue of a kernel without negative entries.
    shifted = kernel + 0.01 * kernel.sum(1).max() * numpy.eye(args.rows)
    print(
        json.dumps(
            {
                "eigh": seconds(lambda: numpy.linalg.eigh(kernel)),
                "cholesky": seconds(lambda: scipy.linalg.cho_solve(scipy.linalg.cho_factor(shifted), y)),
            }
        )
    )


if __name__ == "__main__":
    main()
