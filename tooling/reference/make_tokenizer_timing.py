"""Times Hugging Face's Rust tokenizers on one core: sentences per second of processor time, one by one and as a batch.

Reads JSON from standard input, {"tokenizer": path of a tokenizer.json(.gz), "texts": [...], "seconds": s}, and prints
{"perSecond": ..., "batchPerSecond": ...}. Run by tooling/bench/src/tokenize.ts (tokenizers 0.23.2).
"""

import gzip
import json
import os
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import Tokenizer  # noqa: E402

job = json.load(sys.stdin)
data = open(job["tokenizer"], "rb").read()
tokenizer = Tokenizer.from_str((gzip.decompress(data) if job["tokenizer"].endswith(".gz") else data).decode())
tokenizer.no_padding()
tokenizer.no_truncation()
texts = job["texts"]


def rate(run):
    run()
    passes, start = 0, time.process_time()
    while time.process_time() - start < job["seconds"]:
        run()
        passes += 1
    return passes * len(texts) / (time.process_time() - start)


def one_by_one():
    for text in texts:
        tokenizer.encode(text, add_special_tokens=False).ids


def batch():
    tokenizer.encode_batch(texts, add_special_tokens=False)


print(json.dumps({"perSecond": rate(one_by_one), "batchPerSecond": rate(batch)}))
