"""Loads model directories that `saveModel` wrote and compares their logits in transformers.

    NTK_LENS_SAVED_MODELS=DIR npx vitest run packages/models/src/save-model.test.ts
    python tooling/reference/check_saved_models.py DIR

DIR holds `<case>.unchanged` and `<case>.decoder` (decoder times 1.25, word embeddings as they were) for every
case of make_architectures.py. Writes packages/models/fixtures/architectures/saved-models.json: for each
directory the SHA-256 of config.json + model.safetensors and the largest difference of label-word logits, in
float64, to what they must be. transformers must report no missing and no unexpected weights other than the mask
buffers of old checkpoints. Other entries of the file stay.

Made with Python 3.11+, torch 2.13.0 (CPU), transformers 5.18.0.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM

from make_architectures import batch_of, is_causal, keep_float64

FIXTURES = Path("packages/models/fixtures/architectures")
SAVED = FIXTURES / "saved-models.json"
BUFFERS = re.compile(r"attention\.(bias|masked_bias|rotary_emb\.inv_freq)$")


def load(directory):
    causal = is_causal(AutoConfig.from_pretrained(directory))
    loader = AutoModelForCausalLM if causal else AutoModelForMaskedLM
    model, report = loader.from_pretrained(directory, attn_implementation="eager", output_loading_info=True)
    return model.double().eval(), report, causal


def logits_of(model, case, causal):
    inputs, positions = batch_of(case["examples"], model.config, causal)
    with torch.no_grad():
        return model(**inputs).logits[range(len(positions)), positions][:, case["labelWordIds"]]


keep_float64()
results = json.loads(SAVED.read_text())
for directory in sorted(Path(sys.argv[1]).iterdir()):
    name, _, kind = directory.name.partition(".")
    if kind not in ("unchanged", "decoder"):
        continue
    case = json.loads((FIXTURES / name / "case.json").read_text())
    model, report, causal = load(directory)
    report["unexpected_keys"] = [name for name in report["unexpected_keys"] if not BUFFERS.search(name)]
    assert not any(report.values()), (directory.name, report)
    expected = torch.tensor(case["logits"]["data"], dtype=torch.float64).reshape(case["logits"]["shape"])
    if kind == "decoder":
        bias = model.get_output_embeddings().bias
        shift = 0 if bias is None else bias[case["labelWordIds"]].detach()
        cap = getattr(model.config, "final_logit_softcapping", None)
        expected = expected if cap is None else torch.atanh(expected / cap) * cap
        expected = 1.25 * (expected - shift) + shift
        expected = expected if cap is None else torch.tanh(expected / cap) * cap
    found = logits_of(model, case, causal)
    digest = hashlib.sha256()
    for file in ("config.json", "model.safetensors"):
        digest.update((directory / file).read_bytes())
    results[directory.name] = {
        "sha256": digest.hexdigest(),
        "largestDifference": float((found - expected).abs().max()),
    }
    print(directory.name, results[directory.name]["largestDifference"])
SAVED.write_text(json.dumps(dict(sorted(results.items())), indent=2) + "\n")
