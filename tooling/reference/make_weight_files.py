"""Makes packages/checkpoints/fixtures: files of torch.save and save_pretrained, and what is in them.

Made with torch 2.13.0, transformers 5.18.0, safetensors 0.8.0. From the root of the repository:

    python tooling/reference/make_weight_files.py make     torch/*, malicious/*, tiny-bert*/ and expected.json
    NTK_LENS_WRITE_FIXTURES=1 npx vitest run packages/checkpoints/src/weights/written.test.ts
                                                           written/*, by the project's own writers
    python tooling/reference/make_weight_files.py verify   loads written/* with torch and transformers;
                                                           verified.json keeps the SHA-256 of each file that passed

The tests compare what the project reads with expected.json, and that it still writes the bytes that were verified.
"""

import hashlib
import json
import os
import pickle
import shutil
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

import torch
from transformers import BertConfig, BertForMaskedLM

ROOT = Path(__file__).resolve().parents[2] / "packages/checkpoints/fixtures"


def plain(value):
    """The JSON form of a value: tensors as shape and flat numbers."""
    if isinstance(value, torch.Tensor):
        flat = value.detach().reshape(-1)
        flat = flat.double() if flat.is_floating_point() else flat.long()
        return {"shape": list(value.shape), "data": flat.tolist()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {"dict": [[k, plain(v)] for k, v in value.items()]}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"integer": str(value)}
    return value


def make_torch(expected):
    folder = ROOT / "torch"
    folder.mkdir(parents=True)
    g = torch.Generator().manual_seed(1)
    kernel = torch.randn(3, 2, 4, 2, generator=g, dtype=torch.float64)
    labels = torch.tensor([0, 1, 1, -1])
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    shared = torch.arange(6, dtype=torch.float32)
    values = {
        "kernel": (kernel, labels),
        "kernel32": (kernel.float(), labels.float()),
        # compute_kernel_cached of LM-Kernel-FT: the flipped kernel is permuted, then both are stacked.
        "asymmetric": (torch.stack([kernel, kernel.permute(2, 3, 0, 1).reshape(3, 2, 4, 2)]), labels),
        "views": {
            "transposed": base.permute(2, 0, 1),
            "column": base[:, 1, :],
            "step": base[:, ::2, 1::2],
            "expanded": torch.tensor([1.5, -2.0]).expand(3, 2),
            "part": shared[2:5],
            "again": shared,
            "scalar": torch.tensor(7.25),
            "empty": torch.zeros(0, 3),
        },
        "types": {
            "f64": torch.tensor([0.1, -1e300], dtype=torch.float64),
            "f16": torch.tensor([1.0, 65504.0, 6e-8], dtype=torch.float16),
            "bf16": torch.tensor([1.0, -3.0, 1e38], dtype=torch.bfloat16),
            "i64": torch.tensor([2**31 - 1, -(2**31), -1]),
            "i32": torch.tensor([1, -2], dtype=torch.int32),
            "i16": torch.tensor([300, -300], dtype=torch.int16),
            "i8": torch.tensor([-128, 127], dtype=torch.int8),
            "u8": torch.tensor([0, 255], dtype=torch.uint8),
            "bool": torch.tensor([True, False]),
        },
        "plain": {
            "none": None,
            "truth": [True, False],
            "ints": [0, 255, 256, 65535, 65536, -1, 2**31, -(2**31) - 1, 2**53 - 1, 2**62, -(2**100)],
            "floats": [0.5, -0.0, 1e308],
            "text": "naïve 東京 🙂",
            "nested": {"a": {"b": [1, (2, [3])]}},
            3: "three",
            "size": torch.Size([2, 3]),
        },
    }
    state = OrderedDict(w=torch.nn.Parameter(base.clone()), b=torch.zeros(2))
    state._metadata = OrderedDict([("", {"version": 1})])
    values["state"] = state
    for name, value in values.items():
        torch.save(value, folder / f"{name}.pt")
        torch.save(value, folder / f"{name}.legacy.pt", _use_new_zipfile_serialization=False)
        expected[name] = plain(value)
    for protocol in (3, 4, 5):
        torch.save(values["plain"], folder / f"plain.protocol{protocol}.pt", pickle_protocol=protocol)


class Calls:
    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def make_malicious():
    folder = ROOT / "malicious"
    folder.mkdir(parents=True)
    deep = []
    for _ in range(5000):
        deep = [deep]
    sys.setrecursionlimit(100_000)
    evil = {
        "os-system": Calls(os.system, "touch pwned"),
        "eval": Calls(eval, "open('pwned', 'w')"),
        "exec": Calls(exec, "open('pwned', 'w')"),
        "open": Calls(open, "pwned", "w"),
        "getattr": Calls(getattr, "x", "__class__"),
        "import": Calls(__import__, "os"),
        "torch-load": Calls(torch.load, "pwned"),
        "load-from-bytes": Calls(torch.storage._load_from_bytes, b"pwned"),
        "rebuild": Calls(pickle.loads, b"."),
        "deep": deep,
    }
    for name, value in evil.items():
        for protocol in (2, 4):
            torch.save({"weight": value}, folder / f"{name}.{protocol}.pt", pickle_protocol=protocol)
        torch.save({"weight": value}, folder / f"{name}.legacy.pt", _use_new_zipfile_serialization=False)
    with zipfile.ZipFile(folder / "compressed.pt", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("archive/data.pkl", pickle.dumps({}, 2) + b"\0" * 100_000)


def tiny_bert():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=16, type_vocab_size=2, initializer_range=0.5,
    )
    return BertForMaskedLM(config).eval()


IDS = torch.tensor([[2, 5, 7, 4, 3]])


def make_models(expected):
    model = tiny_bert()
    model.save_pretrained(ROOT / "tiny-bert")
    model.save_pretrained(ROOT / "tiny-bert-sharded", max_shard_size="4KB")
    state = model.state_dict()
    for folder, zipped in (("tiny-bert-bin", True), ("tiny-bert-legacy", False)):
        (ROOT / folder).mkdir()
        shutil.copy(ROOT / "tiny-bert/config.json", ROOT / folder / "config.json")
        torch.save(state, ROOT / folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    # As transformers < 4.36 sharded: a position_ids buffer among the weights.
    sharded = ROOT / "tiny-bert-bin-sharded"
    sharded.mkdir()
    shutil.copy(ROOT / "tiny-bert/config.json", sharded / "config.json")
    names = list(state)
    parts = [names[: len(names) // 2], names[len(names) // 2 :]]
    index = {"metadata": {"total_size": 0}, "weight_map": {}}
    for i, part in enumerate(parts):
        file = f"pytorch_model-{i + 1:05d}-of-00002.bin"
        torch.save({n: state[n] for n in part}, sharded / file)
        index["weight_map"].update({n: file for n in part})
    (sharded / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    for folder in ROOT.glob("tiny-*"):
        (folder / "generation_config.json").unlink(missing_ok=True)
    expected["tiny-bert"] = {name: plain(t) for name, t in state.items()}
    with torch.no_grad():
        expected["tiny-bert-logits"] = plain(model(IDS).logits)


def make():
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir(parents=True)
    expected = {}
    make_torch(expected)
    make_malicious()
    make_models(expected)
    (ROOT / "expected.json").write_text(json.dumps(expected))


def verify():
    expected = json.loads((ROOT / "expected.json").read_text())
    written = ROOT / "written"
    for name in ("kernel", "plain", "views", "types", "zip64"):
        value = torch.load(written / f"{name}.pt", weights_only=True)
        want = expected["kernel" if name == "zip64" else name]
        assert json.loads(json.dumps(plain(value))) == want, name
    model = BertForMaskedLM.from_pretrained(written / "saved").eval()
    with torch.no_grad():
        assert plain(model(IDS).logits) == expected["tiny-bert-logits"]
    files = sorted(p for p in written.rglob("*") if p.is_file())
    sums = {str(p.relative_to(written)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    (ROOT / "verified.json").write_text(json.dumps({"torch": torch.__version__, "sha256": sums}, indent=1) + "\n")
    print(f"{len(sums)} files verified")


if __name__ == "__main__":
    {"make": make, "verify": verify}[sys.argv[1]]()
