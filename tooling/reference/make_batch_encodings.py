"""Makes packages/tokenizers/fixtures/batches.golden.json.gz: batches of strings encoded by Hugging Face's Rust
tokenizers with padding, truncation and special tokens.

For each tokenizer of the fixtures and each set of options: ids, attention mask and offsets (in UTF-16 units) of
batches of the generated strings. Needs strings.json.gz and the trained tokenizers of make_tokenizer_strings.py.

Run: python tooling/reference/make_batch_encodings.py     (tokenizers 0.23.2; seconds)
"""

import gzip
import json
from pathlib import Path

from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "packages/tokenizers/fixtures"
NAMES = ("bert", "byte-level", "xlmr-like", "albert-like")
BATCH = 8
BATCHES = 12

OPTIONS = [
    {"padding": "longest"},
    {"padding": "longest", "addSpecialTokens": True},
    {"padding": "longest", "paddingSide": "left", "addSpecialTokens": True},
    {"truncation": "right", "maxLength": 7},
    {"truncation": "right", "maxLength": 7, "addSpecialTokens": True},
    {"truncation": "left", "maxLength": 6, "addSpecialTokens": True},
    {"truncation": "right", "maxLength": 9, "padding": "max-length", "addSpecialTokens": True},
    {"truncation": "left", "maxLength": 5, "padding": "longest", "paddingSide": "left"},
]


def load(name):
    if name == "bert":
        return Tokenizer.from_file(str(ROOT / "packages/minilm-mlm/model/tokenizer.json"))
    return Tokenizer.from_str(gzip.decompress((FIXTURES / f"{name}.tokenizer.json.gz").read_bytes()).decode())


def utf16(text, offsets):
    units = [0]
    for c in text:
        units.append(units[-1] + (2 if ord(c) > 0xFFFF else 1))
    return [[units[a], units[b]] for a, b in offsets]


def main():
    strings = json.loads(gzip.decompress((FIXTURES / "strings.json.gz").read_bytes()))
    cases = []
    for name in NAMES:
        tokenizer = load(name)
        pad = "[PAD]" if name == "bert" else "<pad>"
        for number, options in enumerate(OPTIONS):
            tokenizer.no_padding()
            tokenizer.no_truncation()
            if "truncation" in options:
                tokenizer.enable_truncation(options["maxLength"], direction=options["truncation"])
            if "padding" in options:
                tokenizer.enable_padding(
                    direction=options.get("paddingSide", "right"),
                    pad_id=tokenizer.token_to_id(pad),
                    pad_token=pad,
                    length=options["maxLength"] if options["padding"] == "max-length" else None,
                )
            for b in range(BATCHES):
                first = 97 * (number * BATCHES + b)
                texts = strings[first : first + BATCH]
                rows = tokenizer.encode_batch(texts, add_special_tokens=options.get("addSpecialTokens", False))
                cases.append(
                    {
                        "tokenizer": name,
                        "options": options,
                        "first": first,
                        "ids": [row.ids for row in rows],
                        "attentionMask": [row.attention_mask for row in rows],
                        "offsets": [utf16(text, row.offsets) for text, row in zip(texts, rows)],
                    }
                )
    data = json.dumps({"batch": BATCH, "cases": cases}, separators=(",", ":")).encode()
    (FIXTURES / "batches.golden.json.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    print(len(cases), "batches", (FIXTURES / "batches.golden.json.gz").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
