"""Makes packages/core/fixtures/npy.json: .npy files as NumPy writes them, and what is in them.

Made with NumPy 2.4. From the root of the repository:

    python tooling/reference/make_npy_files.py

Each case has the file in base64, and either `dtype`, `shape` and `data` in C order, or `refused`, a text that the error says.
"""

import base64
import io
import json
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parents[2] / "packages/core/fixtures/npy.json"
READ_AS = {"f8": "float64", "f4": "float32", "f2": "float32", "i1": "int8", "u1": "uint8", "b1": "uint8"}


def file_of(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return base64.b64encode(stream.getvalue()).decode()


def number(value):
    value = float(value)
    return value if np.isfinite(value) else str(value)


def read(name, array, version=None):
    array = np.asanyarray(array)
    return {
        "name": name,
        "file": file_of(array, version),
        "dtype": READ_AS.get(array.dtype.str[1:], "int32"),
        "shape": list(array.shape),
        "data": [number(x) for x in array.ravel(order="C")],
    }


def refused(name, array, text):
    return {"name": name, "file": file_of(np.asanyarray(array)), "refused": text}


rng = np.random.default_rng(7)
values = rng.standard_normal((3, 2, 4))
cases = [
    *(read(f"{d} in C order", values.astype(d)) for d in ("<f8", ">f8", "<f4", ">f4", "<f2", ">f2")),
    *(read(f"{d} in Fortran order", np.asfortranarray(values.astype(d))) for d in ("<f8", ">f8", "<f4", "<f2")),
    *(
        read(d, (rng.integers(0, 100, (2, 5)) - (0 if "u" in d else 50)).astype(d))
        for d in ("|i1", "|u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4", "<i8", ">i8", "<u8", ">u8")
    ),
    read("integers in Fortran order", np.asfortranarray(np.arange(24, dtype="<i8").reshape(2, 3, 4))),
    read("booleans", np.array([[True, False], [False, True]])),
    read("float16 at its ends", np.array([6e-8, -6e-8, 6.1e-5, 65504, -0.0, np.inf, -np.inf, np.nan], "<f2")),
    read("the ends of int32 as int64", np.array([-(2**31), 2**31 - 1], "<i8")),
    *(read(f"version {v}", values, (v, 0)) for v in (1, 2, 3)),
    read("one number", np.array(3.5)),
    read("one integer", np.array(7, "<i8")),
    read("nothing", np.zeros((0,))),
    read("nothing in Fortran order", np.asfortranarray(np.zeros((3, 0, 2), "<f4"))),
    read("a column of a table", values[:, :, 1]),
    read("a transpose", values[0].T),
    refused("int64 above int32", np.array([1, 2**32 + 1], "<i8"), "the integer 4294967297"),
    refused("int64 below int32", np.array([-(2**31) - 1], ">i8"), "the integer -2147483649"),
    refused("uint64 above int64", np.array([2**64 - 1], "<u8"), "the integer 18446744073709551615"),
    refused("uint32 above int32", np.array([2**31], "<u4"), "the integer 2147483648"),
    refused("a structured array", np.zeros(2, [("x", "<f8"), ("y", "<i4")]), "a structured array"),
    refused("Python objects", np.array([None, {}], object), "Python objects"),
    refused("texts", np.array(["positive", "negative"]), "texts (<U8)"),
    refused("bytes", np.array([b"positive"]), "texts (|S8)"),
    refused("complex numbers", np.array([1j]), "complex numbers (<c16)"),
    refused("long doubles", np.array([1], np.longdouble), "floats of another precision"),
    refused("dates", np.array(["2024-01-01"], "datetime64[D]"), "dates"),
    refused("durations", np.array([1], "timedelta64[s]"), "durations"),
    refused("raw bytes", np.zeros(1, "V3"), "raw bytes (|V3)"),
]
OUT.write_text(json.dumps(cases, indent=1) + "\n")
