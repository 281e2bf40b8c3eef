"""md5 sums of k-shot splits of generated data, for packages/tasks/fixtures/k-shot-md5.json.

Follows LM-BFF's sampling rules with NumPy and pandas themselves; the data are made by the same rules in
packages/tasks/src/split/k-shot-splits.test.ts. Run: python3 tooling/reference/k_shot_splits.py
Made with numpy 1.24.2, pandas 1.5.3.
"""

import hashlib
import io
import json
import os

import numpy as np
import pandas as pd

OUT = os.path.join(os.path.dirname(__file__), "../../packages/tasks/fixtures/k-shot-md5.json")
SEEDS = [100, 13, 21, 42, 87]


def sentence(i):
    text = f"sentence {i} of the generated file"
    if i % 5 == 0:
        text += ", with a comma"
    if i % 7 == 0:
        text = f'"{text}" quoted'
    if i % 11 == 0:
        text += " naïve — ünïcode"
    return "NA" if i == 77 else text


def csv(n, labels):
    rows = ((i % labels, sentence(i).replace('"', '""')) for i in range(n))
    return "".join(f'{label},"{text}"\n' for label, text in rows)


def sst2(n):
    return "sentence\tlabel\n" + "".join(f"{sentence(i)}\t{i % 2}\n" for i in range(n))


def cola(n):
    lines = "".join(f"src\t{1 if i % 3 else 0}\t*\t{sentence(i)}\n" for i in range(n))
    return lines[:-1]


def sts(n):
    lines = (f"{i}\tg\tf\ty\to\ts\ts\t{sentence(i)}\tother {i}\t{(i % 51) / 10}\n" for i in range(n))
    return "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n" + "".join(lines)


def group(lines, label, k):
    by_label = {}
    for line in lines:
        by_label.setdefault(label(line), []).append(line)
    pick = lambda a, b: [line for own in by_label.values() for line in own[a:b]]
    return pick(0, k), pick(k, 2 * k)


def run(name, train, test, k, cap):
    sums = {}

    def put(seed, file, text):
        sums[f"{name}/{k}-{seed}/{file}"] = hashlib.md5(text.encode()).hexdigest()

    as_csv = lambda frame: frame.to_csv(header=False, index=False)
    if name == "mr":
        train_frame = pd.read_csv(io.StringIO(train), header=None)
        test_frame = pd.read_csv(io.StringIO(test), header=None)
        for seed in SEEDS:
            np.random.seed(seed)
            rows = train_frame.values.tolist()
            np.random.shuffle(rows)
            kept = test_frame.sample(n=1000, random_state=42) if cap and len(test_frame) > 1000 else test_frame
            put(seed, "test.csv", as_csv(kept))
            first, second = group(rows, lambda row: row[0], k)
            put(seed, "train.csv", as_csv(pd.DataFrame(first)))
            put(seed, "dev.csv", as_csv(pd.DataFrame(second)))
        return sums
    split = lambda text: text.splitlines(keepends=True)
    train_lines, test_lines = split(train), split(test)
    labels = {
        "CoLA": lambda line: line.strip().split("\t")[1],
        "SST-2": lambda line: line.strip().split("\t")[-1],
        "STS-B": lambda line: float(line.strip().split("\t")[-1]) < 2.5,
    }
    for seed in SEEDS:
        np.random.seed(seed)
        header, lines = ([], train_lines) if name == "CoLA" else (train_lines[:1], train_lines[1:])
        np.random.shuffle(lines)
        test_header, tests = ([], test_lines) if name == "CoLA" else (test_lines[:1], test_lines[1:])
        if cap and len(tests) > 1000:
            np.random.seed(42)
            np.random.shuffle(tests)
            tests = tests[:1000]
        put(seed, "test.tsv", "".join(test_header + tests))
        first, second = group(lines, labels[name], k)
        put(seed, "train.tsv", "".join(header + first))
        put(seed, "dev.tsv", "".join(header + second))
    return sums


result = {}
for mode, cap in [("k-shot", False), ("k-shot-1k-test", True)]:
    sums = result[mode] = {}
    sums.update(run("mr", csv(300, 3), csv(1100, 3), 16, cap))
    sums.update(run("SST-2", sst2(300), sst2(1100), 16, cap))
    sums.update(run("CoLA", cola(300), cola(1100), 16, cap))
    sums.update(run("STS-B", sts(300), sts(50), 16, cap))
with open(OUT, "w") as f:
    json.dump(result, f, indent=1)
    f.write("\n")
