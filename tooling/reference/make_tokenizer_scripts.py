"""Makes packages/tokenizers/fixtures/scripts.golden.json.gz: strings that mix scripts, and the pieces, with offsets in UTF-16
units, that UnicodeScripts and FixedLength of Hugging Face's Rust tokenizers make of them, alone and with others.

Run: python tooling/reference/make_tokenizer_scripts.py     (tokenizers 0.23.3; a moment)
"""

import gzip
import json
import random
from pathlib import Path

from tokenizers import Tokenizer, models
from tokenizers import pre_tokenizers as P

TARGET = Path(__file__).resolve().parents[2] / "packages/tokenizers/fixtures/scripts.golden.json.gz"
SPECIAL = [" ", " ", "  ", "\t", "\n", "\u3000", "\u200d", "\u0301", "\u30fc", "1", "\u0661", ".", ",", "\u3002", "\u00b7", "\ufffd", "\U000e0100"]
WORDS = ["great", "was", "\u6771\u4eac", "\u3053\u308c", "\u30ab\u30bf\u30ab\u30ca", "\uc601\ud654", "\u0444\u0438\u043b\u044c\u043c", "\u0641\u064a\u0644\u0645", "\U0001f44d\U0001f3fd", "\u03c4\u03b1"]


def strings(seed, count):
    """Words of known scripts, characters of all planes that are likely to be assigned, and those of no script."""
    rng = random.Random(seed)
    blocks = [*range(0, 0x3000, 0x80), *range(0xA000, 0xFFFF, 0x100), *range(0x10000, 0x1F000, 0x80), 0x20000, 0x2F800, 0xE0100]

    def one():
        kind = rng.random()
        if kind < 0.3:
            return rng.choice(WORDS)
        if kind < 0.6:
            return rng.choice(SPECIAL)
        block = rng.choice(blocks)
        characters = [chr(block + rng.randrange(0x80)) for _ in range(rng.randint(1, 3))]
        return "".join(c for c in characters if not 0xD800 <= ord(c) < 0xE000)

    return ["", " ", "  x", *("".join(one() for _ in range(rng.randint(1, 12))) for _ in range(count))]


def units(text, at):
    return len(text[:at].encode("utf-16-le")) // 2


def main():
    texts = strings(7, 200)
    made = [
        P.UnicodeScripts(),
        P.FixedLength(length=1),
        P.FixedLength(length=4),
        P.Sequence([P.WhitespaceSplit(), P.UnicodeScripts()]),
        P.Sequence([P.UnicodeScripts(), P.ByteLevel(add_prefix_space=False)]),
    ]
    cases = []
    for part in made:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = part
        config = json.loads(tokenizer.to_str())["pre_tokenizer"]
        pieces = [[[p, units(t, a), units(t, b)] for p, (a, b) in part.pre_tokenize_str(t)] for t in texts]
        cases.append({"config": config, "pieces": pieces})
    data = json.dumps({"texts": texts, "cases": cases}, ensure_ascii=False, separators=(",", ":")).encode()
    TARGET.write_bytes(gzip.compress(data, 9, mtime=0))
    print(len(data), TARGET.stat().st_size)


main()
