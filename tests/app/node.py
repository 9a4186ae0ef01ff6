"""Asks the page's functions under Node."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

from house.tree import ROOT

from callup.app.web.public.page import NOBLE

NODE = shutil.which("node") or shutil.which("nodejs") or ""
PARTS = ROOT / "src" / "callup" / "app" / "web" / "public" / "v"


def ask_node(order, **about):
    parts = [str(PARTS / "vendor" / NOBLE), *(str(PARTS / f"{name}.js") for name in ("draw", "log", "check"))]
    asked = json.dumps({"order": order, "parts": parts, **about})
    done = subprocess.run(
        [NODE, str(Path(__file__).with_name("page_under_node.js"))], input=asked.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def as_case(published):
    files = {name: base64.b64encode(raw).decode() for name, raw in published.files.items()}
    return {
        "files": files,
        "page": published.page,
        "fragment": published.fragment,
        "salt": published.salt,
        "proof": base64.b64encode(published.proof).decode(),
    }


def check_under_node(*published):
    return ask_node("checks", cases=[as_case(one) for one in published])
