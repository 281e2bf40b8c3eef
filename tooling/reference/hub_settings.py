"""What Python's huggingface_hub makes of environment variables.

python hub_settings.py --write    writes packages/checkpoints/fixtures/hub-settings.json
python hub_settings.py < table    answers a table of settings, a JSON list of objects, on standard output

Needs huggingface_hub. The golden file was made with version 2.4.0. In settings and answers {ROOT} stands for a folder that the caller makes:
home/.cache/huggingface/token and login/token hold tokens with white space around them, empty/token holds none.
"""

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

from huggingface_hub import constants
from huggingface_hub.utils import _headers

try:
    import httpx2 as httpx
except ImportError:
    import httpx

ADDRESSES = [
    "https://huggingface.co/api",
    "https://cdn-lfs.huggingface.co/x",
    "https://nothuggingface.co/x",
    "http://hub.example:8080/x",
    "http://127.0.0.1:9/x",
    "http://[::1]:9/x",
    "http://localhost:9/x",
]
GOLDEN = Path(__file__).parents[2] / "packages/checkpoints/fixtures/hub-settings.json"


def make_root(root: Path) -> None:
    for path, text in {
        "home/.cache/huggingface/token": " hf_stored \n",
        "login/token": "hf_login\r\n",
        "empty/token": "\n \n",
    }.items():
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text(text)


def proxy_for(client: httpx.Client, address: str) -> str | None:
    transport = client._transport_for_url(httpx.URL(address))
    if transport is client._transport:
        return None
    url = transport._pool._proxy_url
    return f"{url.scheme.decode()}://{url.host.decode()}:{url.port}"


def token_sent() -> str | None:
    try:
        return _headers.get_token_to_send(None)
    except OSError:
        return "unreadable"


def answer(setting: dict[str, str], root: str) -> dict:
    os.environ.clear()
    os.environ.update({name: value.replace("{ROOT}", root) for name, value in setting.items()})
    try:
        importlib.reload(constants)
    except ValueError:
        return {"error": "timeout"}
    with httpx.Client(verify=False) as client:
        proxies = {address: proxy_for(client, address) for address in ADDRESSES}
    return {
        "cache": constants.HF_HUB_CACHE.replace(root, "{ROOT}"),
        "tokenFile": constants.HF_TOKEN_PATH.replace(root, "{ROOT}"),
        "token": token_sent(),
        "offline": constants.HF_HUB_OFFLINE,
        "copies": constants.HF_HUB_DISABLE_SYMLINKS,
        "endpoint": constants.ENDPOINT,
        "downloadTimeout": constants.HF_HUB_DOWNLOAD_TIMEOUT,
        "metadataTimeout": constants.HF_HUB_ETAG_TIMEOUT,
        "proxies": {address: proxy for address, proxy in proxies.items() if proxy},
    }


def table() -> list[dict[str, str]]:
    home = {"HOME": "{ROOT}/home"}
    rows: list[dict[str, str]] = [home, {}]
    paths = ["~/hf", "~", "$HOME/hf", "${HOME}/hf/", "$NONE/hf", "~root/hf", "~nobody-of-this-name/hf", "a/$X$Y/~", "", "{ROOT}/login", "/a//b/../c", "$$HOME", "${HOME", "$X/$HOME"]
    for name in ["HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_TOKEN_PATH"]:
        rows += [{**home, "X": "$HOME", "Y": "y", name: path} for path in paths if name != "HF_TOKEN_PATH" or path]
    rows += [
        {**home, "HF_HUB_CACHE": "/new", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HOME": "/home"},
        {**home, "HUGGINGFACE_HUB_CACHE": "~/old", "HF_HOME": "/home"},
        {**home, "HF_HOME": "/hf", "XDG_CACHE_HOME": "/xdg"},
        {"HOME": "", "HF_HOME": "~/x"},
        {"HOME": "{ROOT}/home/", "HF_HOME": "~/x"},
        {"HOME": "{ROOT}/home", "HF_HOME": "{ROOT}/empty"},
    ]
    for token in ["hf_a", " hf_a\n", "hf\n_a", "\t hf_a \r\n", "", "  ", "\n"]:
        rows += [{**home, "HF_TOKEN": token}, {**home, "HUGGING_FACE_HUB_TOKEN": token}, {**home, "HF_TOKEN": token, "HUGGING_FACE_HUB_TOKEN": "hf_old"}]
    for value in ["1", "0", "true", "TRUE", "yes", "On", "off", "y", "t", "2", " 1", "", "no", "enabled"]:
        rows += [
            {**home, "HF_HUB_OFFLINE": value},
            {**home, "TRANSFORMERS_OFFLINE": value},
            {**home, "HF_HUB_OFFLINE": value, "TRANSFORMERS_OFFLINE": "1"},
            {**home, "HF_HUB_DISABLE_IMPLICIT_TOKEN": value, "HF_TOKEN": "hf_a"},
            {**home, "HF_HUB_DISABLE_SYMLINKS": value},
        ]
    for endpoint in ["https://hub.example/", "https://hub.example//", "http://hub.example:8080/hf"]:
        rows.append({**home, "HF_ENDPOINT": endpoint})
    for value in ["5", "0", " 7 ", "+3", "1_0", "ten", "1.5", "007"]:
        rows += [{**home, "HF_HUB_DOWNLOAD_TIMEOUT": value}, {**home, "HF_HUB_ETAG_TIMEOUT": value}]
    proxies = {**home, "HTTPS_PROXY": "http://secure.example:1", "HTTP_PROXY": "http://plain.example:2"}
    rows += [
        proxies,
        {**proxies, "https_proxy": "http://lower.example:3"},
        {**proxies, "https_proxy": "", "http_proxy": ""},
        {**home, "ALL_PROXY": "http://all.example:4"},
        {**home, "all_proxy": "all.example:4", "HTTP_PROXY": "http://plain.example:2"},
        {**home, "HTTPS_PROXY": "secure.example:5"},
    ]
    for exceptions in ["*", "huggingface.co", ".huggingface.co", "example", "hub.example", "hub.example:8080", "hub.example:1", "localhost,127.0.0.1", "127.0.0.1 , huggingface.co", "::1", "[::1]", "0.0.1", "HUGGINGFACE.CO", "", ",", "co"]:
        rows += [{**proxies, "NO_PROXY": exceptions}, {**proxies, "no_proxy": exceptions}]
    rows.append({**proxies, "NO_PROXY": "*", "no_proxy": "none.example"})
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.realpath(folder)
        make_root(Path(root))
        if "--write" in sys.argv:
            rows = [{"setting": row, "answer": answer(row, root)} for row in table()]
            # The home of the user who runs this is nobody else's.
            rows = [row for row in rows if "HOME" in row["setting"] and "~root" not in json.dumps(row)]
            GOLDEN.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
            return
        print(json.dumps([answer(row, root) for row in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
