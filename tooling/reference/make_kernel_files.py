"""Makes packages/ntk-lens/fixtures/torch-kernels: kernels as LM-Kernel-FT saves them, and checks ours.

Made with torch 2.13.0. From the root of the repository:

    python tooling/reference/make_kernel_files.py make     sgd, legacy, float32, views, asymmetric, without-logits:
                                                           {train,dev,test}_{kernels,logits}_<task>.pt;
                                                           expected.json holds what is in them
    NTK_LENS_WRITE_FIXTURES=1 npx vitest run packages/ntk-lens/src/run/convert.test.ts
                                                           written/*, by `ntk-lens convert --to pt`
    python tooling/reference/make_kernel_files.py verify   loads written/* with torch.load as KernelTrainerFunc
                                                           .evaluate does with --load_kernels, compares with
                                                           expected.json, and keeps the SHA-256 of each file that
                                                           passed in verified.json

The kernels are Gram matrices of random features, so that they can be solved.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2] / "packages/ntk-lens/fixtures/torch-kernels"
SIZES = {"train": 8, "dev": 6, "test": 10}
FEATURES = 40
MODES = ("train", "dev", "test")


def flat(tensor):
    return {"shape": list(tensor.shape), "data": tensor.detach().reshape(-1).double().tolist()}


def run(outputs, asymmetric=False):
    """mode -> (kernel [N, C, M, C] or [2, …], logits [M, C], targets)."""
    g = torch.Generator().manual_seed(outputs)
    labels = {m: torch.arange(n) % 2 for m, n in SIZES.items()}
    j = {
        m: torch.randn(n, outputs, FEATURES, generator=g, dtype=torch.float64)
        + (2.0 * labels[m] - 1)[:, None, None] * torch.linspace(0, 1, FEATURES, dtype=torch.float64)
        for m, n in SIZES.items()
    }
    result = {}
    for m in MODES:
        if asymmetric:
            kernel = torch.einsum("ncw,mdw->ncmd", j["train"].sign(), j[m])
            # KernelTrainerFunc.compute_kernel_cached: the kernel of (query, train), permuted, then stacked.
            if m == "train":
                flipped = kernel.permute(2, 3, 0, 1)
            else:
                flipped = torch.einsum("mdw,ncw->mdnc", j[m].sign(), j["train"]).permute(2, 3, 0, 1)
            kernel = torch.stack([kernel, flipped])
        else:
            kernel = torch.einsum("ncw,mdw->ncmd", j["train"], j[m])
        targets = labels[m] if outputs > 1 else (labels[m] * 2 - 1).float()
        result[m] = (kernel, j[m].sum(-1).float(), targets)
    return result


def make():
    shutil.rmtree(ROOT, ignore_errors=True)
    expected = {}
    cases = {
        "sgd": (run(2), "sst-2", {}),
        "legacy": (run(2), "sst-2", {"_use_new_zipfile_serialization": False}),
        "float32": (run(1), "mr", {}),
        "views": (run(2), "cr", {}),
        "asymmetric": (run(1, asymmetric=True), "sst-2", {}),
        "without-logits": (run(3), "trec", {}),
    }
    for name, (modes, task, options) in cases.items():
        folder = ROOT / name
        folder.mkdir(parents=True)
        expected[name] = {}
        for mode, (kernel, logits, targets) in modes.items():
            if name == "float32":
                kernel = kernel.float()
            if name == "views":
                # The same numbers behind other strides, a storage offset, and an own column of labels.
                kernel = kernel.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0)
                logits = torch.cat([logits, logits])[len(logits) :]
                targets = targets.unsqueeze(-1)
                assert not kernel.is_contiguous()
            torch.save((kernel, targets), folder / f"{mode}_kernels_{task}.pt", **options)
            if name != "without-logits":
                torch.save((logits, targets), folder / f"{mode}_logits_{task}.pt", **options)
            whole = kernel if name == "asymmetric" else kernel.unsqueeze(0)
            expected[name][mode] = {
                "kernel": flat(whole[0]),
                **({"flipped": flat(whole[1])} if name == "asymmetric" else {}),
                **({"logits": flat(logits)} if name != "without-logits" else {}),
                "labels": [int(t > 0) if kernel.shape[-1] == 1 else int(t) for t in targets.reshape(-1)],
            }
    (ROOT / "expected.json").write_text(json.dumps(expected) + "\n")


def verify():
    expected = json.loads((ROOT / "expected.json").read_text())
    verified = {}
    for folder in sorted((ROOT / "written").iterdir()):
        case = expected[folder.name]
        task = next(folder.glob("train_kernels_*.pt")).stem.removeprefix("train_kernels_")
        for mode in MODES:
            for weights_only in (True, False):
                kernel, targets = torch.load(folder / f"{mode}_kernels_{task}.pt", weights_only=weights_only)
            assert isinstance(kernel, torch.Tensor) and kernel.dtype == torch.float64
            parts = list(kernel) if kernel.dim() == 5 else [kernel]
            assert len(parts) == (2 if "flipped" in case[mode] else 1)
            for part, name in zip(parts, ("kernel", "flipped")):
                assert flat(part) == case[mode][name], (folder.name, mode, name)
            n, c, m, d = parts[0].shape
            # KernelTrainerFunc.reshape_kernel_and_targets
            if c > 1:
                onehot = torch.nn.functional.one_hot(targets.squeeze(), c)
                assert onehot.argmax(-1).tolist() == case[mode]["labels"]
                shaped = onehot.reshape(-1)
            else:
                assert ((targets + 1) / 2).long().tolist() == case[mode]["labels"]
                shaped = targets.reshape(-1)
            assert parts[0].reshape(1, n * c, m * d).shape[-1] == shaped.shape[0]
            if "logits" in case[mode]:
                logits, again = torch.load(folder / f"{mode}_logits_{task}.pt", weights_only=True)
                assert flat(logits) == case[mode]["logits"] and torch.equal(again, targets)
                assert logits.reshape(-1, 1).shape[0] == m * d
        for file in sorted(folder.iterdir()):
            verified[f"{folder.name}/{file.name}"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (ROOT / "verified.json").write_text(json.dumps(verified, indent=2) + "\n")
    print(f"{len(verified)} files")


if __name__ == "__main__":
    {"make": make, "verify": verify}[sys.argv[1]]()
