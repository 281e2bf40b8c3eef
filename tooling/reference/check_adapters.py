"""Loads adapters that `writeAdapter` wrote with Hugging Face PEFT and stores its logits.

    NTK_LENS_ADAPTERS=DIR npx vitest run packages/subspace/src/peft/written-adapters.test.ts
    python tooling/reference/check_adapters.py DIR

DIR holds one adapter directory per case, with the examples in case.json. Writes
packages/subspace/fixtures/written-adapters.json: for each directory the SHA-256 of adapter_config.json +
adapter_model.safetensors, and the logits [n, C], in float64, of the base model of make_architectures.py with the
adapter. PEFT must report no missing and no unexpected weights.

Made with Python 3.11, torch 2.13.0 (CPU), transformers 5.18.0, peft 0.21.0.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
from peft import PeftConfig, PeftModel, PeftModelForFeatureExtraction
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

MODELS = Path("packages/models/fixtures/architectures")

results = {}
for directory in sorted(Path(sys.argv[1]).iterdir()):
    if not (directory / "case.json").exists():
        continue
    case = json.loads((directory / "case.json").read_text())
    loader = AutoModelForCausalLM if case["model"].startswith("gpt2") else AutoModelForMaskedLM
    base = loader.from_pretrained(MODELS / case["model"], attn_implementation="eager")
    config = PeftConfig.from_pretrained(directory)
    # Without a task type PEFT ignores prompts; this one passes the base model's output on.
    kind = PeftModelForFeatureExtraction if config.is_prompt_learning else PeftModel
    model = kind(base, config)
    report = model.load_adapter(directory, adapter_name="default", autocast_adapter_dtype=False)
    missing = [k for k in report.missing_keys if "lora_" in k or "ia3_" in k or "prompt_encoder" in k]
    # Prompts are loaded apart from the state dictionary.
    unexpected = [k for k in report.unexpected_keys if k != "prompt_embeddings"]
    assert not missing and not unexpected, (directory.name, missing, unexpected)
    model = model.double().eval()
    logits = []
    for example in case["examples"]:
        ids = torch.tensor([example["inputIds"]])
        with torch.no_grad():
            out = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        logits += out[0, example["position"] - ids.shape[1], case["labelWordIds"]].tolist()
    digest = hashlib.sha256()
    for file in ("adapter_config.json", "adapter_model.safetensors"):
        digest.update((directory / file).read_bytes())
    results[directory.name] = {"sha256": digest.hexdigest(), "logits": logits}

path = Path("packages/subspace/fixtures/written-adapters.json")
path.write_text(json.dumps(results, indent=1) + "\n")
print(len(results), "adapters")
