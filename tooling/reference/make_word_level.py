"""Makes packages/tokenizers/fixtures/word-level.golden.json.gz: tokenizers whose model is WordLevel, and the ids, offsets (in
UTF-16 units) and decoded texts that Hugging Face's Rust tokenizers give.

Run: python tooling/reference/make_word_level.py     (tokenizers 0.23.3; a moment)
"""

import gzip
import json
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

FIXTURES = Path(__file__).resolve().parents[2] / "packages/tokenizers/fixtures"
WORDS = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "the", "film", "was", "great", ".", ",", "It", "it", "映画", "👍", "don", "'", "t"]
TEXTS = ["the film was great.", "It was, it was", "unseen words here", "映画 👍 the 👍映画", "", "  ", "don't", "The\tfilm\n[MASK] .", "a [SEP] great"]


def units(text, at):
    return len(text[:at].encode("utf-16-le")) // 2


def tokenizer(pre_tokenizer, normalizer=None):
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        made.normalizer = normalizer
    made.add_special_tokens(WORDS[:5])
    return made


made = {
    "Whitespace": tokenizer(pre_tokenizers.Whitespace()),
    "WhitespaceSplit and lower case": tokenizer(pre_tokenizers.WhitespaceSplit(), normalizers.Lowercase()),
    "BertPreTokenizer": tokenizer(pre_tokenizers.BertPreTokenizer()),
}
cases = []
for name, one in made.items():
    results = []
    for text in TEXTS:
        encoding = one.encode(text)
        offsets = [[units(text, a), units(text, b)] for a, b in encoding.offsets]
        results.append({"text": text, "ids": encoding.ids, "offsets": offsets, "decoded": one.decode(encoding.ids, skip_special_tokens=False)})
    cases.append({"name": name, "tokenizer": json.loads(one.to_str()), "results": results})
with gzip.GzipFile(FIXTURES / "word-level.golden.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps(cases, ensure_ascii=False, separators=(",", ":")).encode())
