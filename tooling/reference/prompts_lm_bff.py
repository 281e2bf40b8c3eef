"""Makes packages/prompts/fixtures: prompts and demonstrations as LM-BFF's own rules give them.

  python tooling/reference/prompts_lm_bff.py CHECKOUT

CHECKOUT is a clone of github.com/princeton-nlp/LM-Kernel-FT (commit 8005d2f). Its function
`tokenize_multipart_input` (src/dataset.py) is run as it is on sentences written for this project; none of its
code is copied. Demonstrations follow `select_context` and the filter of FewShotDataset, and run.py's automatic
templates, restated here in a few lines of numpy.

Writes
  byte-level/tokenizer.json, tokenizer_config.json   a byte-level BPE of 420 tokens with RoBERTa's special tokens
  prompts.json          cases: texts, template, options -> ids, mask position, segment ids, or an error
  demonstrations.json   cases: pool labels, embeddings, seed -> pool indices per sample and query; templates

Made with transformers 5.18.0, tokenizers 0.23.2, numpy 2.4.6, pandas 3.0.6, torch 2.13.0.
"""

import ast
import json
import logging
import random
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

ROOT = Path(__file__).resolve().parents[2] / "packages" / "prompts" / "fixtures"

SENTENCES = [
    "A gentle, funny film that never raises its voice.",
    "The soup was cold and the waiter colder!",
    "It rains in the city.",
    "Élodie's naïve café review: \u201cfine\u201d \u2026",
    "ßtrange first letters are upper-cased to two.",
    "İstanbul is lovely in spring 🌷",
    "🌷",
    "x",
    "",
    " leading and trailing spaces ",
    "Nobody who reads this sentence to its long, winding, comma-laden end will say that it was short, or dull, or both.",
    "The word <mask> is written out here.",
    "two\nlines\tand a tab",
    "日本語のレビューです。",
]

SINGLE = [
    "*cls**sent_0*_It_was*mask*.*sep+*",
    "*cls**+sent_0*_All_in_all,_it_is*mask*!*sep*",
    "*cls**sent-_0*?*mask*.*sep+*",
    "*cls**sentl_0*_so*mask*.*sep+*",
    "*cls*_I_say:*+sentl_0**mask*_*sep+*",
    "*cls**sentl-_0*!_*mask*é*sep+*",
    "*cls**sentu_0**label_0*_or*label_1*?*mask*.*sep+*",
    "*mask**cls**+sentu_0**sep*",
    "*mask*_film:*sent_0**mask**sep*",
]
PAIR = [
    "*cls**sent-_0*?*mask*,*+sentl_1**sep+*",
    "*cls**sent_0**sep+**mask*,*+sent_1**sep+**sent_1**sep+*",
    "*cls**sentu_1*_because*sentl-_0*_?*mask*.*sep+*",
]
DEMO = [
    "*cls**sent_0*_It_was*mask*.*sep+**sent_1*_It_was*label_0*.*sep+**sent_2*_It_was*label_1*.*sep+*",
    "*sent_1*_It_was*labelx_0*.*sep+**sent_2*_It_was*labelx_1*.*sep+**cls**sent_0*_It_was*mask*.*sep+*",
]


def reference(checkout):
    tree = ast.parse((Path(checkout) / "src" / "dataset.py").read_text())
    wanted = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "tokenize_multipart_input"]
    scope = {"pd": pd, "logger": logging.getLogger("reference")}
    exec(compile(ast.Module(wanted, []), "dataset.py", "exec"), scope)
    scope["logger"].setLevel(logging.CRITICAL)
    return scope["tokenize_multipart_input"]


# The reference gives segment ids only to tokenizers whose class name contains "BERT".
class SegmentBERTTokenizer(PreTrainedTokenizerFast):
    pass


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        show_progress=False,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    words = " terrible great bad good no yes It was film review" * 20
    tokenizer.train_from_iterator(SENTENCES * 3 + [words], trainer)
    folder = ROOT / "byte-level"
    folder.mkdir(parents=True, exist_ok=True)
    names = dict(bos_token="<s>", cls_token="<s>", eos_token="</s>", sep_token="</s>",
                 pad_token="<pad>", unk_token="<unk>", mask_token="<mask>")
    data = json.loads(tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "RobertaTokenizer", **names}) + "\n")
    return SegmentBERTTokenizer(tokenizer_file=str(folder / "tokenizer.json"), **names)


def prompt_cases(run, tokenizer):
    draw = random.Random(7)
    words = [tokenizer.encode(" " + w, add_special_tokens=False) for w in ("terrible", "great")]
    assert all(len(w) == 1 for w in words), words
    words = [w[0] for w in words]
    plain = dict(max_length=512, first_sent_limit=None, other_sent_limit=None, truncate_head=False, support_labels=None)
    todo = []
    for template in SINGLE:
        for text in SENTENCES:
            todo.append(([text], template, plain))
            todo.append(([text], template, plain | dict(
                max_length=draw.randint(4, 40), first_sent_limit=draw.choice([None, 0, 3, 12]),
                truncate_head=draw.random() < 0.5)))
    for template, count in [(t, 2) for t in PAIR] + [(t, 3) for t in DEMO]:
        for _ in range(16):
            todo.append((draw.sample(SENTENCES, count), template, dict(
                max_length=draw.choice([512, 128, draw.randint(5, 90)]), first_sent_limit=draw.choice([None, 8, 20]),
                other_sent_limit=draw.choice([None, 1, 10]), truncate_head=draw.random() < 0.3,
                support_labels=[draw.randint(0, 1), draw.randint(0, 1)])))
    cases = []
    for texts, template, options in todo:
        case = dict(texts=texts, template=template, **options)
        try:
            out = run(texts, tokenizer=tokenizer, prompt=True, template=template, label_word_list=words, **options)
            case.update(input_ids=out["input_ids"], mask_pos=out["mask_pos"][0], token_type_ids=out["token_type_ids"])
        except AssertionError:
            case.update(error="mask")
        if template in (SINGLE[0], PAIR[0]):
            out = run(texts, tokenizer=tokenizer, max_length=options["max_length"])
            case.update(no_prompt_input_ids=out["input_ids"], no_prompt_token_type_ids=out["token_type_ids"])
        cases.append(case)
    return dict(label_word_ids=words, cases=cases)


def demonstrations(seed, labels, names, queries, samples, per_label, train, support=None, query=None, rate=None):
    generator = np.random.RandomState(seed)
    drawn = []
    for _ in range(samples):
        drawn.append([])
        for q in range(queries):
            context = [i for i in range(len(labels)) if i != q or not train]
            if rate is not None:
                cosine = torch.nn.functional.cosine_similarity(torch.tensor(support[context]), torch.tensor(query[q])[None])
                scored = sorted(zip(context, cosine.tolist()), key=lambda pair: pair[1], reverse=True)
                limit, count, context = int(len(scored) // len(names) * rate), dict.fromkeys(names, 0), []
                for i, _score in scored:
                    if count[labels[i]] < limit:
                        count[labels[i]] += 1
                        context.append(i)
            count, chosen = dict.fromkeys(names, 0), []
            for at in generator.permutation(len(context)):
                label = labels[context[at]]
                if count[label] < per_label:
                    chosen.append(context[at])
                    count[label] += 1
                if sum(count.values()) == len(names) * per_label:
                    break
            drawn[-1].append([i for name in names for i in chosen if labels[i] == name])
    return drawn


def demonstration_cases():
    cases = []
    for seed, names, k, queries, samples, per_label, train, rate in [
        (42, ["0", "1"], 16, 5, 3, 1, False, None),
        (13, ["0", "1"], 8, 16, 1, 1, True, None),
        (21, ["a", "b", "c"], 6, 4, 2, 2, False, None),
        (87, ["0", "1"], 16, 6, 2, 1, False, 0.5),
        (100, ["x", "y", "z"], 7, 21, 1, 2, True, 0.6),
    ]:
        order = np.random.RandomState(seed + 1)
        labels = [str(label) for label in order.permutation(names * k)]
        case = dict(seed=seed, labels=names, pool=labels, queries=queries, samples=samples, perLabel=per_label,
                    queriesArePool=train)
        extra = {}
        if rate is not None:
            support = order.randn(len(labels), 5).round(3)
            query = support if train else order.randn(queries, 5).round(3)
            extra = dict(support=support, query=query, rate=rate)
            case.update(similar=dict(pool=support.tolist(), queries=query.tolist(), rate=rate))
        case["drawn"] = demonstrations(seed, labels, names, queries, samples, per_label, train, **extra)
        cases.append(case)
    templates = []
    for template, labels in [(SINGLE[0], 2), (PAIR[0], 3), ("*cls**mask*:*+sent_0**sep+*", 6)]:
        part, sentences = template.replace("*cls*", ""), 2 if "_1" in template else 1
        out = {"by-label": template, "in-context-after": template, "in-context-before": template}
        for d in range(labels):
            block = part
            for s in range(sentences):
                block = block.replace(f"_{s}*", f"_{sentences + sentences * d + s}*")
            out["by-label"] += block.replace("*mask*", f"*label_{d}*")
            context = block.replace("*mask*", f"*labelx_{d}*")
            out["in-context-after"] += context
            out["in-context-before"] = context + out["in-context-before"]
        templates.append(dict(template=template, labels=labels, **out))
    return dict(cases=cases, templates=templates)


def write(name, data):
    (ROOT / name).write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    ROOT.mkdir(parents=True, exist_ok=True)
    write("prompts.json", prompt_cases(reference(sys.argv[1]), make_tokenizer()))
    write("demonstrations.json", demonstration_cases())
