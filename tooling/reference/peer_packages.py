"""Versions of the packages that are named, and of the libraries with which they multiply matrices, as one JSON line.

    python peer_packages.py torch transformers
"""

import json
import platform
import re
import sys
from importlib import metadata


def version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def torch_products() -> str:
    import torch

    built = torch.__config__.show()
    library = re.search(r"Math Kernel Library Version ([\w.]+)", built)
    capability = re.search(r"CPU capability usage: (\S+)", built)
    name = f"MKL {library[1]}" if library else re.search(r"BLAS_INFO=(\w+)", built)[1]
    return f"{name}, {capability[1]}" if capability else name


def numpy_products() -> str:
    import numpy

    blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{blas['name']} {blas['version']}"


def main() -> None:
    packages = {name: version(name) for name in sys.argv[1:]}
    products = {"torch": torch_products, "numpy": numpy_products}
    print(
        json.dumps(
            {
                "python": platform.python_version(),
                "packages": packages,
                "products": {name: of() for name, of in products.items() if packages.get(name)},
            }
        )
    )


if __name__ == "__main__":
    main()
