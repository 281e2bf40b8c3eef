"""Makes packages/tokenizers/fixtures: generated strings, small trained tokenizers, and what Hugging Face's
Rust tokenizers make of the strings.

  strings.json.gz              12,000 strings, seeded: words, punctuation, emoji, combining marks, CJK, Hangul, Arabic,
                               controls, special tokens, white space of all kinds, long words, numbers, code points
                               beyond 0xFFFF, normalization traps, and code points drawn from all of Unicode
  <name>.tokenizer.json.gz     tokenizers trained here on generated text (byte-level BPE, three Unigram)
  <name>.golden.json.gz        for each string its ids, a check sum of its offsets (in UTF-16 units), and for every
                               40th string the decoded text

The WordPiece cases use the vocabulary in packages/minilm-mlm/model, once as it is, once cased. The byte-level case
"roberta" uses ../shared/golden/models/tiny-roberta, and is left out where that is absent.

Run: python tooling/reference/make_tokenizer_strings.py     (tokenizers 0.23.2, sentencepiece 0.2.2; a minute)
"""

import base64
import gzip
import io
import json
import random
import tempfile
import zlib
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/tokenizers/fixtures"
ROBERTA = ROOT.parent / "shared/golden/models/tiny-roberta/tokenizer.json"
BERT = ROOT / "packages/minilm-mlm/model/tokenizer.json"
COUNT = 12_000

ENGLISH = (
    "the a of to and in is it was that this not but with for on as movie film story plot actor scene music great "
    "terrible boring wonderful dull bright never always nothing something quite very really almost hardly people who "
    "would could should have has had been being make makes made take took give gave world city river mountain house "
    "water light night morning children government research science market football teacher doctor engine computer "
    "language kernel gradient network training tokenization unbelievable extraordinarily misunderstanding internationalization "
    "don't we'll they've I'm you're he'd it's can't o'clock rock-n-roll state-of-the-art e-mail U.S.A. i.e. e.g. Mr. Dr. "
    "London Paris Monday January NASA McDonald iPhone YouTube naïve café résumé jalapeño Zürich smörgåsbord façade coöperate"
).split()
SYLLABLES = "ba be bi bo ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se si so ta te ti to str ing er ed ly tion un re".split()
WORLD = (
    "Привет мир язык ЁЛКА й Ελλάδα ΟΔΟΣ σοφός ΣΑΣ ς مرحبا بالعالم العَرَبِيَّة لا שלום עִבְרִית हिन्दी नमस्ते क्षत्रिय বাংলা தமிழ் ไทย ภาษา ພາສາ ქართული ՀԱՅԵՐԵՆ "
    "አማርኛ 北京 日本語 テスト ﾃｽﾄ ｶﾞ が 漢字かな交じり 한국어 문장 각 ᄒ ᅡ ᆫ 間違い 㐀 𠀀 𪛖 豈 ﬁ ﬂ ﬀ ﬆ ½ ² ① Ⅷ ㎏ ㍿ ﷺ Å Å Ω K ſ ẞ ß İ ı Ǆ ǅ ŉ ệ ộ Tiếng Việt "
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙 ℌ ™ № ‼ … ⁉ ｆｕｌｌ　ｗｉｄｔｈ ﹏ ㋿ ꟲ 𞤀𞤁 𐐀𐐨 Ꭰ Ა ⲁ Ⲁ ꙮ"
).split()
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + "“ ” ‘ ’ « » „ ‚ – — ― … ¿ ¡ § ¶ † • ‰ ′ 、 。 「 」 ！ ？ ， ؟ ، ؛ । ॥ ″ ⁋ ⸮ ⹀ ₿ € £ ¥ © ® ° ± × ÷ ¬ ¦ `` '' ''' `` -- ... !!! ?!".split()
EMOJI = "😀 👍 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 🇫🇷🇩🇪 ❤️ ☺ ☺️ 1️⃣ 🤷🏻‍♀️ 🧑‍🚀 🫠 🪿 ✂︎ ♥".split()
MARKS = ["\u0301", "\u0300", "\u0308", "\u0323", "\u0327", "\u0338", "\u034f", "\u0345", "\u05b0", "\u064b", "\u0651", "\u093c", "\u094d", "\u0e31", "\u3099", "\u309a", "\u20dd", "\ufe0f", "\u1ab0", "\u0903", "\u0e33", "\u0eb3", "\u1cf2", "\U000e0100", "\u0344", "\u0340"]
CONTROLS = [chr(c) for c in (0, 1, 7, 8, 0xB, 0xC, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x8F, 0x9F, 0xAD, 0x61C, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x2060, 0x2066, 0xFEFF, 0xFFF9, 0xFFFD, 0xFFFE, 0xFFFF, 0xE000, 0x10FFFF, 0x600, 0x6DD)]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r", "\r\n", "\n\n", " \n ", "\u00a0", "\u1680", "\u2000", "\u2003", "\u2009", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\x0b", "\x0c", "\x85", "     "]
SPECIAL = "<s> </s> <mask> <pad> <unk> [CLS] [SEP] [MASK] [PAD] [UNK] <|endoftext|> <word> <RIGHT> <left> ÉTÉ été <0x41> <0xE2> ▁ ▁▁ ▁the Ġ Ġthe ##ing ## </w> <mask <<mask>> <Mask> [mask]".split()


def make_strings(seed):
    r = random.Random(seed)
    pick = r.choice

    def pseudo():
        return "".join(pick(SYLLABLES) for _ in range(r.randint(1, 5)))

    def case(word):
        return pick([word, word, word, word.upper(), word.title(), word.capitalize()])

    def anything():
        while True:
            c = r.choice([r.randrange(0x20, 0x3000), r.randrange(0x110000), r.randrange(0x10000), r.randrange(0x10000, 0x20000)])
            if not 0xD800 <= c < 0xE000:
                return chr(c)

    kinds = [
        (16, lambda: case(pick(ENGLISH))),
        (6, pseudo),
        (6, lambda: pick(WORLD)),
        (5, lambda: pick(PUNCTUATION)),
        (2, lambda: pick(EMOJI)),
        (2, lambda: pick(ENGLISH)[: r.randint(0, 3)] + pick(MARKS) + pick(["", pick(MARKS)])),
        (1, lambda: pick(CONTROLS)),
        (3, lambda: pick(SPECIAL)),
        (2, lambda: str(r.randrange(10 ** r.randint(1, 12))) + pick(["", ".5", "%", "th", ",000"])),
        (1, lambda: anything()),
        (1, lambda: "".join(anything() for _ in range(r.randint(1, 6)))),
        (1, lambda: pick(PUNCTUATION) * r.randint(2, 6)),
    ]
    weights = [w for w, _ in kinds]
    makers = [m for _, m in kinds]
    joiners = [" "] * 12 + [""] * 5
    strings, seen = [], set()
    while len(strings) < COUNT:
        kind = len(strings) % 20
        if kind < 12:
            count = r.randint(1, 9)
        elif kind < 17:
            count = r.randint(1, 3)
        else:
            count = r.randint(3, 14)
        parts = []
        for _ in range(count):
            parts.append(r.choices(makers, weights)[0]())
            parts.append(pick(SPACES) if r.random() < 0.12 else pick(joiners))
        text = "".join(parts)
        if kind == 19 and r.random() < 0.3:
            text = pick(["a", "ab", "é", "ﬁ", "가", "xyz9", "!"]) * r.randint(20, 120)
        if r.random() < 0.7:
            text = text.rstrip(" ")
        if r.random() < 0.1:
            text = " " + text
        if text not in seen:
            seen.add(text)
            strings.append(text)
    return strings


def training_text(seed):
    r = random.Random(seed)
    for _ in range(6000):
        words = [r.choice(ENGLISH) if r.random() < 0.7 else "".join(r.choice(SYLLABLES) for _ in range(r.randint(1, 4))) for _ in range(r.randint(3, 12))]
        if r.random() < 0.3:
            words.insert(r.randrange(len(words)), r.choice(WORLD))
        yield " ".join(words).capitalize() + r.choice([".", "!", "?", ",", " ...", ""])


def charsmap(rule):
    """precompiled_charsmap of SentencePiece's own rule: field 2 of NormalizerSpec, field 3 of ModelProto."""

    def fields(data):
        i = 0

        def varint():
            nonlocal i
            value = shift = 0
            while True:
                byte = data[i]
                i += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value

        while i < len(data):
            key = varint()
            if key & 7 == 0:
                varint()
            elif key & 7 == 2:
                size = varint()
                yield key >> 3, data[i : i + size]
                i += size
            else:
                i += {1: 8, 5: 4}[key & 7]

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=training_text(1), model_writer=model, vocab_size=300, normalization_rule_name=rule, minloglevel=2, hard_vocab_limit=False, character_coverage=0.98
    )
    spec = next(v for k, v in fields(model.getvalue()) if k == 3)
    return next(v for k, v in fields(spec) if k == 2)


def train_unigram(tokenizer, special, size=1200):
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=special, unk_token="<unk>", show_progress=False, n_sub_iterations=2)
    tokenizer.train_from_iterator(list(training_text(2)), trainer)
    return tokenizer


def albert_like():
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("``", '"'),
            normalizers.Replace("''", '"'),
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Precompiled(charsmap("nmt_nfkc_cf")),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    train_unigram(t, ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"])
    t.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False, special=True)])
    t.post_processor = processors.TemplateProcessing("[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
    return t


def xlmr_like():
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([normalizers.Precompiled(charsmap("nmt_nfkc")), normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    t.decoder = decoders.Metaspace()
    train_unigram(t, ["<s>", "<pad>", "</s>", "<unk>"])
    t.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    t.add_tokens([AddedToken("<word>", single_word=True), AddedToken("<RIGHT>", rstrip=True, normalized=True)])
    t.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", [("<s>", 0), ("</s>", 2)])
    return t


def byte_fallback_like(trained):
    """No charsmap: NFC, a prefix on the first piece only, and bytes for what the vocabulary lacks."""
    vocabulary = [(token, score) for token, score in json.loads(trained.to_str())["model"]["vocab"]]
    vocabulary += [(f"<0x{b:02X}>", -20.0) for b in range(256)]
    unknown = [token for token, _ in vocabulary].index("<unk>")
    t = Tokenizer(models.Unigram(vocabulary, unknown, byte_fallback=True))
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Strip(left=False, right=True)])
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t.add_special_tokens(["<s>", "</s>", "<unk>", "<mask>"])
    return t


def byte_level():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=1500, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    t.train_from_iterator(list(training_text(3)), trainer)
    t.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    t.add_tokens([AddedToken("<word>", single_word=True), AddedToken("<RIGHT>", rstrip=True), AddedToken("<left>", lstrip=True), AddedToken("été")])
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=True)
    return t


def write(name, value):
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    (OUT / name).write_bytes(gzip.compress(data, 9, mtime=0))


def golden(name, tokenizer, strings):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    ids, sums, decoded = [], [], []
    for i, text in enumerate(strings):
        e = tokenizer.encode(text, add_special_tokens=False)
        units = [0]
        for c in text:
            units.append(units[-1] + (2 if ord(c) > 0xFFFF else 1))
        flat = ",".join(f"{units[a]},{units[b]}" for a, b in e.offsets)
        ids.append(e.ids)
        sums.append(zlib.crc32(flat.encode()))
        if i % 40 == 0:
            decoded.append(tokenizer.decode(e.ids, skip_special_tokens=False))
    write(f"{name}.golden.json.gz", {"ids": ids, "offsets": sums, "decoded": decoded})
    print(name, sum(map(len, ids)), "tokens", (OUT / f"{name}.golden.json.gz").stat().st_size)


def crc(value):
    return zlib.crc32(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def components(strings):
    n, p = normalizers, pre_tokenizers
    splitters = [p.Split(Regex("[aeiou]+"), b) for b in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")]
    parts = {
        "normalizer": [
            n.NFC(), n.NFD(), n.NFKC(), n.NFKD(), n.Nmt(), n.StripAccents(), n.Lowercase(), n.Strip(), n.Strip(left=True, right=False),
            n.Prepend("▁"), n.Replace("e", "éé"), n.Replace(Regex("\\s+"), " "), n.Replace(Regex("[^a-zA-Z\\d ]"), ""), n.ByteLevel(),
            n.BertNormalizer(), n.BertNormalizer(lowercase=False), n.BertNormalizer(clean_text=False, strip_accents=False),
            n.Sequence([n.NFKC(), n.Lowercase(), n.NFD(), n.StripAccents()]),
        ],
        "pre_tokenizer": [
            p.BertPreTokenizer(), p.ByteLevel(), p.ByteLevel(add_prefix_space=False, use_regex=False), p.Digits(), p.Digits(individual_digits=True),
            p.Metaspace(), p.Metaspace(prepend_scheme="never"), p.Metaspace(prepend_scheme="first", split=False), p.Punctuation(), p.Punctuation("contiguous"),
            p.Whitespace(), p.WhitespaceSplit(), p.CharDelimiterSplit("e"), p.Split(Regex("[a-zé]+|[^a-zé\\s]+"), "removed", invert=True), p.Split("the", "isolated"),
            *splitters, p.Sequence([p.WhitespaceSplit(), p.Punctuation(), p.Digits()]), p.Sequence([p.Digits(), p.ByteLevel(add_prefix_space=False)]),
        ],
    }  # fmt: skip
    out = []
    for kind, list_ in parts.items():
        for part in list_:
            t = Tokenizer(models.BPE())
            setattr(t, kind, part)
            sums = []
            for text in strings[:1500]:
                units = [0]
                for c in text:
                    units.append(units[-1] + (2 if ord(c) > 0xFFFF else 1))
                if kind == "normalizer":
                    sums.append(crc(part.normalize_str(text)))
                else:
                    sums.append(crc([[w, units[a], units[b]] for w, (a, b) in part.pre_tokenize_str(text)]))
            out.append({"kind": kind, "config": json.loads(t.to_str())[kind], "sums": sums})
    write("components.golden.json.gz", out)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    strings = make_strings(20240)
    write("strings.json.gz", strings)
    print("strings", (OUT / "strings.json.gz").stat().st_size)
    cased = json.loads(BERT.read_text())
    cased["normalizer"].update(lowercase=False, strip_accents=None)
    xlmr = xlmr_like()
    trained = {"albert-like": albert_like(), "xlmr-like": xlmr, "byte-fallback": byte_fallback_like(xlmr), "byte-level": byte_level()}
    for name, tokenizer in trained.items():
        text = tokenizer.to_str()
        # As loaded, not as trained: reading the scores back changes the last bit of some.
        trained[name] = Tokenizer.from_str(text)
        write(f"{name}.tokenizer.json.gz", json.loads(text))
        print(name, (OUT / f"{name}.tokenizer.json.gz").stat().st_size)
    cases = {"bert-uncased": Tokenizer.from_file(str(BERT)), "bert-cased": Tokenizer.from_str(json.dumps(cased)), **trained}
    if ROBERTA.exists():
        cases["roberta"] = Tokenizer.from_file(str(ROBERTA))
    components(strings)
    for name, tokenizer in cases.items():
        golden(name, tokenizer, strings)


main()
