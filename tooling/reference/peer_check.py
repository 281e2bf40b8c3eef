"""Checks that the kernel peers agree with each other on a tiny random model; prints one line per comparison.

    python peer_check.py

SGD and A-SignGD kernels may differ by rounding. Sign kernels are sums of ±1, so one coordinate whose gradient is
within rounding of 0 moves an entry by up to 2: they are compared relative to the kernel's norm.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SGD, SIGN = 2e-6, 1e-4


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        run("make_roberta_base_random.py", [str(folder / "model"), "--size", "tiny"])
        inputs = folder / "inputs.json"
        made = ["--n", "5", "--m", "7", "--min-tokens", "6", "--max-tokens", "19", "--save-inputs", str(inputs)]
        reference = {
            "sgd": kernel(folder, "peer_torch_func.py", made),
            "sgd binary": kernel(folder, "peer_torch_func.py", ["--inputs", str(inputs), "--binary", "--train-chunk", "2"]),
            "signgd": kernel(folder, "peer_torch_func.py", ["--inputs", str(inputs), "--formula", "signgd"]),
            "a-signgd": kernel(folder, "peer_functorch_pairs.py", ["--inputs", str(inputs), "--formula", "a-signgd"]),
        }
        hooks, pairs = "peer_torch_hooks.py", "peer_functorch_pairs.py"
        small = ["--memory", "0.0001", "--batch", "2"]
        cases = [
            ("sgd", hooks, ["--plan", "gram"], SGD),
            ("sgd", hooks, ["--plan", "gradient"], SGD),
            ("sgd", hooks, small, SGD),
            ("sgd binary", hooks, ["--binary"], SGD),
            ("signgd", hooks, ["--formula", "signgd", "--sign-product", "int8"], SIGN),
            ("signgd", hooks, ["--formula", "signgd", "--sign-product", "float", *small], SIGN),
            ("sgd", pairs, ["--train-chunk", "2", "--query-chunk", "3"], SGD),
            ("a-signgd", pairs, ["--formula", "a-signgd", "--train-chunk", "3", "--query-chunk", "2"], SIGN),
        ]
        failures = 0
        for name, script, options, tolerance in cases:
            actual = kernel(folder, script, ["--inputs", str(inputs), *options])
            error = np.linalg.norm(actual - reference[name]) / np.linalg.norm(reference[name])
            good = actual.shape == reference[name].shape and error <= tolerance
            failures += not good
            print(f"{'ok  ' if good else 'FAIL'} {name:12} {script} {' '.join(options)}: relative error {error:.1e}")
        sys.exit(f"{failures} comparisons failed" if failures else 0)


def kernel(folder: Path, script: str, options: list[str]) -> np.ndarray:
    path = folder / "kernel.npy"
    path.unlink(missing_ok=True)
    run(script, ["--model", str(folder / "model"), "--n", "99", "--m", "99", "--threads", "1", "--save", str(path), *options])
    return np.load(path)


def run(script: str, options: list[str]) -> dict:
    result = subprocess.run([sys.executable, str(HERE / script), *options], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(result.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
