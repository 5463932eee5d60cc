"""The OpenAPI document: the front end's types are made of the kept one, so it has to be current."""

from __future__ import annotations

import json
from pathlib import Path

from lambdas.dashboard.app import app
from lambdas.dashboard.document import document

KEPT = Path(__file__).resolve().parents[2] / "dashboard" / "openapi.json"


def test_the_kept_document_is_current() -> None:
    assert json.loads(KEPT.read_text(encoding="utf-8")) == document(app), "make docs"


def test_every_operation_has_its_problems() -> None:
    for path, operations in document(app)["paths"].items():
        for method, operation in operations.items():
            assert {"200", "401", "429", "503"} <= operation["responses"].keys(), path
            assert ("403" in operation["responses"]) == (method != "get"), path
