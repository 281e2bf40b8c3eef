"""Loads a model that `pretrainLadder` trained in transformers, and stores what it computes.

    NTK_LENS_SAVED_RUNG=DIR npx vitest run packages/tensor-programs/src/pretrain/transformers.test.ts
    python tooling/reference/check_pretrained_rung.py DIR

Writes packages/tensor-programs/fixtures/pretrained-rung.json: for texts of the generated language the ids of
AutoTokenizer, the position of the mask and the logits of the whole vocabulary there, computed in float64.
transformers must report no missing and no unexpected weights.

Made with Python 3.11+, torch 2.13.0 (CPU), transformers 5.18.0.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

TEXTS = [
    "a superb programmer patched a battery today . it was [MASK] .",
    "every minister rejected this quite wonderful law and it was lovely . this article is about [MASK] news .",
    "the [MASK] signed a treaty .",
]

directory = Path(sys.argv[1]) / "width-16-seed-3"
tokenizer = AutoTokenizer.from_pretrained(directory)
model, report = AutoModelForMaskedLM.from_pretrained(
    directory, attn_implementation="eager", output_loading_info=True
)
assert not any(report.values()), report
model = model.double().eval()
cases = []
for text in TEXTS:
    ids = tokenizer(text)["input_ids"]
    position = ids.index(tokenizer.mask_token_id)
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0, position]
    cases.append(
        {"text": text, "inputIds": ids, "position": position, "logits": [round(x, 7) for x in logits.tolist()]}
    )
target = Path("packages/tensor-programs/fixtures/pretrained-rung.json")
target.parent.mkdir(exist_ok=True)
target.write_text(json.dumps({"cases": cases}) + "\n")
