"""Makes packages/tokenizers/fixtures/patterns.golden.json.gz: regular expressions, and where Hugging Face's Rust
tokenizers (Oniguruma) find them.

The expressions are those of known tokenizer families, hand-written ones for each part of the syntax, and generated
ones. The texts are generated from characters that the expressions tell apart. For each text the parts are given by
`Split` with the behaviour "isolated", as ends in code points.

Run: python tooling/reference/make_tokenizer_patterns.py     (tokenizers 0.23.3; seconds)
"""

import gzip
import json
import random
from pathlib import Path

from tokenizers import Regex
from tokenizers.pre_tokenizers import Split

OUT = Path(__file__).resolve().parents[2] / "packages/tokenizers/fixtures/patterns.golden.json.gz"

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
FAMILIES = [
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTIONS}?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTIONS}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    rf"[^\r\n\p{{L}}\p{{N}}]?((?=[\p{{L}}])([^a-z]))*((?=[\p{{L}}])([^A-Z]))+{CONTRACTIONS}?|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"\p{N}{1,3}",
    r"[一-龥\u3040-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
    r" ?[^(\s|[.,!?…。，、।۔،])]+",
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t)?|\s+",
    r"[0-9][0-9][0-9]", r"\d{3}|\d{2}|\d", r"(?=(\d{3})+(?!\d))", r"\d{1,3}(?=(?:\d{3})*\b)", r"\s?[\p{L}]+", r" {2,}", r"\s+",
    r"\n| ", r"[\r\n]", r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"(?<=\n)(?=\S)", r"(?<![\p{L}])'|(?<=s)a",
    r"\w+|[^\w\s]+", r"\p{P}", r"[^\p{L}\p{M}]+", r"\p{Nd}+|\p{Lu}\p{Ll}*", r"(?:\r?\n)+", r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])",
]
SYNTAX = [
    "a*?b", "a+?", "a??b", "a{2}", "a{2,}b", "a{,2}b", "a{1,2}?", "a{2}?b", "a{2}+b", "a{1,2}+b", "a++b", "a*+b", "a?+a", "(?>a+)b", "(?>a|ab)b",
    "(a|ab)(c|bc)", "(?:a|b)+", "(?:ab?)*c?", "a|b|", "|a", "(a)(b)?", "(?<x>a)b", "(?i)ab", "a(?i)b|c", "(?i:A)b", "(?i:é|ß)", "(?m:a.b)", "a.b", ".+", "(?m).+",
    "^a", "a$", "^", "$", r"\Aa", r"a\z", r"a\Z", r"\ba", r"a\b", r"\Ba", r"a\B", r"(?=ab)a", "(?!ab)a", "(?<=a)b", "(?<!a)b", "(?<=ab|c)a", "(?<!ab|c)a", r"(?<=^|\s)a",
    "[a-c]", "[^a-c]", "[a-]", "[-a]", "[]a]", r"[\]a]", r"[\-a]", "[a&&b]", "[a-c&&[^b]]", "[^a-c&&b-d]", "[a[bc]]", "[[:alpha:]]", "[[:^alpha:]]", "[[:digit:][:space:]]", "[[:punct:]]", "[[:upper:]]+", "[[:lower:]]+", "[[:alnum:]]+", "[[:word:]]+",
    r"[\s\S]", r"\d+", r"\D+", r"\w", r"\W", r"\h+", r"\H", r"\s", r"\S", r"\R", r"\N", r"\O", r"\x41", r"\x{e9}", r"\u00e9", r"\t|\n|\v|\f|\r", r"\p{^L}", r"\P{L}", r"\P{^L}", r"\p{Han}", r"\p{han}", r"\p{Letter}",
    r"\p{Lowercase_Letter}", r"\p{Alpha}", r"\p{Space}", r"\p{Cyrillic}+", r"\p{Hiragana}|\p{Katakana}", r"\p{Nl}|\p{No}", r"\p{Sc}", r"\p{So}", r"\p{Mn}+", r"\p{Cf}", r"\.", r"\\", r"\/", r"\'", "a{", "a{b", "{", "}", "]", "a{1", "a{,}", "(?#no)a", "(?-i)a", "(?i-m:A)", "((a))", "(?:)", "()", r"a\ b", "a#b",
    "(?:a{0,3}){0,3}b", "a*a*b", "(?:a|a)*b", "(?=a*b)a", "(?!a*b)a", "(?>a*)b|a", "(?:(?=ab)a|b)+", "(a+)+b", "(?=(?=a)a+)a", "(?:a(?!b))+",
]
CHARACTERS = list("aaabbbccABC  \n\n\r\t12'sStdé.,-_[]{}#/\\") + ["é", "ß", "ſ", "À", "ǅ", "ʰ", "中", "の", "カ", "Ж", "́", "ः", "½", "Ⅷ", "٣", "€", "😀", "𝟘", "‍", " ", "　", "\x85", "\x0b"]


def generated(r):
    atoms = ["a", "b", "c", "[ab]", "[^a]", r"\s", r"\w", ".", r"\p{Lu}", "(?=a)", "(?!b)", "(?<=a)", r"\b", "ab", "é"]

    def branch(depth):
        return "".join(term(depth) for _ in range(r.randint(1, 3)))

    def term(depth):
        atom = r.choice(atoms)
        if depth < 2 and r.random() < 0.35:
            inside = "|".join(branch(depth + 1) for _ in range(r.randint(1, 3)))
            atom = r.choice(["(?:", "(", "(?>", "(?=", "(?!"]) + inside + ")"
        if atom.startswith(("(?=", "(?!", "(?<")) or atom == r"\b":
            return atom
        return atom + r.choice(["", "", "", "*", "+", "?", "*?", "+?", "??", "{1,2}", "{2}", "{0,2}?", "*+", "++"])

    return ["|".join(branch(0) for _ in range(r.randint(1, 3))) for _ in range(500)]


def main():
    r = random.Random(11)
    texts = ["".join(r.choice(CHARACTERS) for _ in range(r.randint(1, 30))) for _ in range(40)]
    texts += ["".join(r.choice("aabbc \n") for _ in range(r.randint(1, 16))) for _ in range(20)]
    texts += ["It's the HTTPServer's 12345 ABCdef", "I'LL DON'T we'ſ", "x  \n\n  y", "a\n", "abab", "camelCaseWords ÀÉî", "1234567", "\r\n\r\n"]
    cases = []
    for source in FAMILIES + SYNTAX + generated(r):
        try:
            split = Split(Regex(source), "isolated")
        except Exception:
            cases.append({"source": source, "ends": None})
            continue
        try:
            ends = [[end for _, (_, end) in split.pre_tokenize_str(text)] for text in texts]
        except BaseException:  # Oniguruma gives up after some tries, and the library panics.
            continue
        cases.append({"source": source, "ends": ends})
    OUT.write_bytes(gzip.compress(json.dumps({"texts": texts, "cases": cases}, ensure_ascii=False).encode(), mtime=0))
    print(len(cases), "expressions,", sum(c["ends"] is None for c in cases), "refused,", OUT.stat().st_size, "bytes")


main()
