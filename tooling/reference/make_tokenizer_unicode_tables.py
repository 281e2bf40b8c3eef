"""Writes packages/tokenizers/src/unicode-tables.ts: the Unicode classes that Hugging Face's Rust
tokenizers really use, found by asking it about every code point.

Its parts carry Unicode tables of different ages (unicode_categories of 2015, unicode-normalization-alignments of
2019, Oniguruma and Rust's own of this year), and every version of Node has yet another, so `\\p{...}` and
`String.prototype.normalize` alone cannot be equal to it.

unicode17_marks.txt beside this file lists the combining marks (General_Category M) of Unicode 17: those that the
normalization crate does not know must not be reordered.

Run: python tooling/reference/make_tokenizer_unicode_tables.py     (tokenizers 0.23.3, half a minute), then biome.
"""

import sys
import unicodedata
from pathlib import Path

import tokenizers
from tokenizers import Regex
from tokenizers import normalizers as N
from tokenizers import pre_tokenizers as P

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TARGET = Path(__file__).resolve().parents[2] / "packages/tokenizers/src/unicode-tables.ts"


def where_normalized(normalizer, test):
    return [c for c in CODE_POINTS if test(normalizer.normalize_str(chr(c)), chr(c))]


def where_pieces(pre_tokenizer, before, after, count):
    found = []
    for c in CODE_POINTS:
        if len(pre_tokenizer.pre_tokenize_str(before + chr(c) + after)) == count:
            found.append(c)
    return found


def bert(**on):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return N.BertNormalizer(**{**off, **on})


def base36(n):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    out = ""
    while True:
        out = digits[n % 36] + out
        n //= 36
        if n == 0:
            return out


# A character for each small number; neither quotes nor backslashes.
SMALL = [chr(c) for c in range(ord("#"), 127) if chr(c) not in "'\\"]


def written(columns):
    """All numbers of the first column, then those of the next: small ones as a character, others as !base 36!."""
    one = lambda n: SMALL[n] if n < len(SMALL) else f"!{base36(n)}!"
    return "".join(one(n) for column in columns for n in column)


def packed(code_points):
    """Gaps and lengths of all runs."""
    runs, end, i = [], 0, 0
    code_points = sorted(code_points)
    while i < len(code_points):
        j = i
        # The surrogates, which Rust cannot be asked about, may lie inside a run.
        while j + 1 < len(code_points) and code_points[j + 1] == code_points[j] + 1:
            j += 1
        runs.append((code_points[i] - end, code_points[j] - code_points[i] + 1))
        end = code_points[j] + 1
        i = j + 1
    return written(zip(*runs))


def scripts():
    """Code points by script, as UnicodeScripts knows scripts; those that split from no script are left out."""
    splits = lambda a, b: len(P.UnicodeScripts().pre_tokenize_str(a + b)) > 1
    first, found, last = [], [], 0
    for c in CODE_POINTS:
        own = chr(c)
        if not splits("A", own) and not splits("\u044f", own):
            continue
        known = [last, *range(len(first))] if first else []
        last = next((k for k in known if not splits(first[k], own)), len(first))
        if last == len(first):
            first.append(own)
        found.append((c, last))
    return found


def packed_scripts(found):
    """Gaps, lengths and scripts of all runs."""
    runs = []
    for c, script in found:
        if runs and runs[-1][1] == c and runs[-1][2] == script:
            runs[-1][1] += 1
        else:
            runs.append([c, c + 1, script])
    columns, end = [], 0
    for start, stop, script in runs:
        columns.append((start - end, stop - start, script))
        end = stop
    return written(zip(*columns))


def main():
    empty = lambda out, _: out == ""
    byte_level = P.ByteLevel(add_prefix_space=False)
    letters = where_pieces(byte_level, "a", "", 1)
    numbers = where_pieces(byte_level, "1", "", 1)
    others = where_pieces(byte_level, "!", "", 1)
    spaces = where_pieces(P.WhitespaceSplit(), "a", "a", 2)
    rest = set(CODE_POINTS) - set(letters) - set(numbers) - set(others)
    assert rest == set(spaces), "\\s of the byte-level expression is White_Space"
    marks = where_normalized(N.StripAccents(), empty)
    nonspacing = where_normalized(bert(strip_accents=True), empty)
    numeric = where_pieces(P.Digits(), "a", "", 2)
    word = set(where_pieces(P.Whitespace(), "a", "", 1)) - set(spaces)
    inert = set()
    if unicodedata.unidata_version < "14":
        sys.exit("needs Python >= 3.11 for its Unicode tables")
    tables = {
        "letter": (letters, r"`\p{L}` of the byte-level expression (Oniguruma)."),
        "number": (numbers, r"`\p{N}` of the byte-level expression (Oniguruma)."),
        "space": (spaces, "White_Space."),
        "punctuation": (where_pieces(P.BertPreTokenizer(), "a", "a", 3), "Characters that BertPreTokenizer and Punctuation split off."),
        "control": (where_normalized(bert(clean_text=True), empty), "Characters that BertNormalizer's clean_text drops."),
        "nonspacingMark": (nonspacing, "Characters that BertNormalizer's strip_accents drops."),
    }
    for form in ("NFD", "NFKC", "NFKD"):
        normalizer = getattr(N, form)()
        for c in CODE_POINTS:
            if normalizer.normalize_str(chr(c)) == chr(c):
                theirs = unicodedata.normalize(form, chr(c))
                if theirs != chr(c):
                    inert.add(c)
                    if form == "NFD":
                        inert.update(ord(p) for p in theirs if ord(p) > 0xFFFF)
    # Decompositions and marks of Unicode 14 to 17, which this Python does not know of.
    newer = "a7f1 a7f2 a7f3 a7f4 105c9 105e4 11383 11385 1138e 11391 113c5 113c7 113c8 16d68 16d69 16d6a"
    inert.update(int(x, 16) for x in newer.split())
    for a, b in [(0x10781, 0x107BA), (0x1E030, 0x1E06D), (0x1CCD6, 0x1CCF9), (0x16121, 0x16128), (0x11930, 0x11938)]:
        inert.update(c for c in range(a, b + 1) if N.NFKD().normalize_str(chr(c)) == chr(c))
    known = set(marks)
    for line in (Path(__file__).resolve().parent / "unicode17_marks.txt").read_text().split():
        start, _, end = line.partition("-")
        inert.update(c for c in range(int(start, 16), int(end or start, 16) + 1) if c not in known)
    unassigned, last = [], 0
    everything = "".join(map(chr, CODE_POINTS))
    for _, (start, end) in P.Split(Regex(r"\p{Cn}+"), "removed").pre_tokenize_str(everything):
        unassigned += CODE_POINTS[last:start]
        last = end
    unassigned += CODE_POINTS[last:]
    tables["inert"] = (inert, "Decompose, compose and reorder in newer Unicode, but not in the Rust crate's.")
    # Classes that are almost others are stored as what they differ in.
    scripted = scripts()
    unscripted = set(range(0x110000)) - {c for c, _ in scripted}
    both = set(letters) | set(numbers) | set(marks)
    differing = {
        "numeric": (set(numeric) ^ set(numbers), "`char::is_numeric`, of the Digits pre-tokenizer, if not `\\p{N}`."),
        "mark": (set(marks) ^ set(nonspacing), "Characters that StripAccents drops, if not those of strip_accents."),
        "word": (
            set(word) ^ both,
            "`\\w` of the regex crate, of single_word tokens and the Whitespace pre-tokenizer, if not letter, mark or number.",
        ),
        "unassigned": (
            set(unassigned) ^ unscripted,
            "Code points that Oniguruma's tables do not know, if not those without a script.",
        ),
    }

    lines = [
        "// Written by tooling/reference/make_tokenizer_unicode_tables.py; do not edit.",
        f"// tokenizers {tokenizers.__version__}. Runs of code points: gaps since the last run, then lengths; `unpacked` says how.",
        "",
    ]
    for name, (code_points, what) in tables.items():
        lines += [f"/** {what} */", f"export const {name}Ranges =", f"  '{packed(code_points)}';", ""]
    for name, (code_points, what) in differing.items():
        lines += [f"/** {what} */", f"export const {name}Differences =", f"  '{packed(code_points)}';", ""]
    lines += [
        "/** Scripts of the UnicodeScripts pre-tokenizer: gaps, lengths, numbers of scripts. */",
        "export const scriptRanges =",
        f"  '{packed_scripts(scripted)}';",
        "",
    ]
    lower = N.Lowercase()
    newer = [
        (c, lower.normalize_str(chr(c)))
        for c in CODE_POINTS
        if lower.normalize_str(chr(c)) != chr(c).lower()
    ]
    assert all(len(t) == 1 for _, t in newer)
    lines += [
        "/** Lower case of code points newer than Unicode 14: code point, target. */",
        "export const newerLowerCase =",
        f"  '{written(zip(*((c, ord(t)) for c, t in newer)))}';",
    ]
    TARGET.write_text("\n".join(lines) + "\n")
    print(TARGET, len(TARGET.read_text()))


main()
