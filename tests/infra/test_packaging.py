"""The packaged functions start: layers and code alone, in an interpreter that knows nothing of this checkout.

The local engine cannot show this, because functions there also see the engine's own packages.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from infra.bytecode import target_python
from tests.infra.synthesis import FUNCTIONS, Assembly

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.infra

HOST_CPU = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine().lower()]

# Lambda's search path: the code, then the layers; -I -S keep this checkout's packages and settings out.
START = """
import sys
task, layer = sys.argv[1:3]
sys.path[:0] = [task, layer]
import importlib, json
BODY
outside = sorted(
    name for name, module in sys.modules.items()
    if "site-packages" in (getattr(module, "__file__", None) or "")
)
print(json.dumps({"outside": outside, "result": result}))
"""

IMPORT_HANDLER = "result = callable(importlib.import_module(sys.argv[3]).lambda_handler)"

USE_WHAT_WAS_SLIMMED = """
import datetime
import boto3, babel.dates, cryptography.hazmat.primitives.ciphers.aead as aead, httpx, phonenumbers, pydantic
session = boto3.Session(aws_access_key_id="k", aws_secret_access_key="s", region_name="eu-central-1")
services = ("dynamodb", "lambda", "secretsmanager", "sqs")
clients = {service: session.client(service).meta.endpoint_url for service in services}
day = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.timezone.utc)
locales = ("en_US", "es_MX", "de_AT", "fr_CA")
said = {locale: babel.dates.format_datetime(day, "EEEE d MMMM", locale=locale) for locale in locales}
sealed = aead.AESGCM(bytes(32)).encrypt(bytes(12), b"text", None)
parsed = phonenumbers.format_number(phonenumbers.parse("(415) 555-0100", "US"), phonenumbers.PhoneNumberFormat.E164)
result = {"clients": clients, "said": said, "sealed": len(sealed), "parsed": parsed, "client": httpx.Client().is_closed}
"""


@pytest.fixture(scope="module")
def packaged(dev: Assembly, other: Assembly) -> Assembly:
    """The assets for this machine's own processor."""
    return {"arm64": dev, "x86_64": other}[HOST_CPU]


@pytest.fixture(scope="module")
def layer(packaged: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both layers laid over each other, as Lambda does under /opt/python."""
    merged = tmp_path_factory.mktemp("opt") / "python"
    for asset in packaged.layer_assets():
        shutil.copytree(asset / "python", merged, dirs_exist_ok=True)
    return merged


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_a_packaged_handler_can_be_imported(packaged: Assembly, layer: Path, tool: str) -> None:
    handler = packaged.function(tool)["Handler"]
    module, _, name = handler.rpartition(".")
    assert name == "lambda_handler"

    answer = _start(IMPORT_HANDLER, str(packaged.function_asset(tool)), str(layer), module)

    assert answer == {"outside": [], "result": True}


def test_slimmed_packages_still_do_what_they_are_for(packaged: Assembly, layer: Path) -> None:
    answer = _start(USE_WHAT_WAS_SLIMMED, str(packaged.function_asset("booking")), str(layer))

    assert answer["outside"] == []
    assert answer["result"] == {
        "clients": {
            service: f"https://{service}.eu-central-1.amazonaws.com"
            for service in ("dynamodb", "lambda", "secretsmanager", "sqs")
        },
        "said": {
            "en_US": "Tuesday 24 November",
            "es_MX": "martes 24 noviembre",
            "de_AT": "Dienstag 24 November",
            "fr_CA": "mardi 24 novembre",
        },
        "sealed": len(b"text") + 16,
        "parsed": "+14155550100",
        "client": False,
    }


def _start(body: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [target_python(), "-I", "-S", "-B", "-c", START.replace("BODY", body), *arguments],
        env={"TZ": "UTC", "AWS_REGION": "eu-central-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
