"""What a request may hold, and what an answer must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdas.dashboard.guard import MOST_BYTES
from tests.dashboard.api import Api

RUNS = "/flows/evening_stop/runs"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b'{"parameters": {"tag": NaN}}', 422),
        (b'{"parameters": {"tag": 1e999}}', 422),
        (b'{"parameters": {"tag": "\\ud800"}}', 422),
        (b'{"parameters": {"tag": ' + b"9" * 5000 + b"}}", 422),
        (b'{"parameters": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}", 422),
        (b"\xff\xfe", 422),
        (b"[]", 422),
        (b"null", 422),
        (b"", 422),
        (b'"' + b"x" * MOST_BYTES + b'"', 413),
    ],
)
def test_a_body_that_cannot_be_is_refused(admin: Api, body: bytes, status: int) -> None:
    assert admin.post(RUNS, body).status == status


def test_only_json_is_read(admin: Api) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json-patch", ""):
        got = admin.send("POST", RUNS, b"{}", {"content-type": kind})
        assert (got.status, got.json["code"]) == (415, "unsupported_media_type")
    assert admin.send("POST", RUNS, b"{}", {"content-type": "application/json; charset=utf-8"}).status == 200


def test_what_is_wrong_is_named_and_not_repeated(admin: Api) -> None:
    got = admin.post(RUNS, {"parameters": {}, "dry_run": "secret", "more": "secret"})
    assert got.fields.keys() == {"body.dry_run", "body.more"}
    assert "secret" not in got.text
    assert admin.get("/runs", limit=0).fields.keys() == {"query.limit"}
    assert admin.get("/runs", state="DONE", since="2026-11-20T00:00:00").fields.keys() == {"query.state", "query.since"}
    assert admin.get("/runs", cursor="nonsense").status == 422
    assert admin.get("/audit", cursor="nonsense").status == 422
    assert admin.get("/summary", since="2026-11-20", until="2026-11-19").fields.keys() == {"query.since"}
    assert admin.get("/report", since="2020-11-20", until="2026-11-19").status == 422


def test_every_answer_has_the_headers_that_browsers_obey(admin: Api) -> None:
    for got in (
        admin.get("/me"),
        admin.get("/nothing"),
        admin.post(RUNS, b"{"),
        Api(claims={"token_use": ""}).get("/me"),
    ):
        assert got.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["cache-control"] == "no-store"
        assert not [name for name in got.headers if name.startswith("access-control-")]
        assert got.headers["content-type"] == "application/json"


def test_other_sites_are_given_no_permission(admin: Api) -> None:
    got = admin.send("OPTIONS", "/me", None, {"origin": "https://example.com", "access-control-request-method": "GET"})
    assert got.status == 404
    assert not [name for name in got.headers if name.startswith("access-control-")]


def test_a_fault_of_ours_is_told_without_its_insides(
    admin: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "flows.json").write_text("{broken")
    monkeypatch.setenv("NIGHTSHIFT_CATALOGUE", str(tmp_path / "flows.json"))
    got = admin.get("/flows")
    assert (got.status, got.json["code"], got.json["fields"]) == (500, "internal", [])
    assert "JSONDecodeError" not in got.text
    assert "JSONDecodeError" in caplog.text


def test_what_aws_refuses_is_told_without_its_names(aws: Any, admin: Api) -> None:
    aws.delete()
    got = admin.get("/board")
    assert (got.status, got.json["code"]) == (503, "unavailable")
    assert "nightshift" not in got.text


def test_the_document_is_served(admin: Api) -> None:
    assert admin.get("/openapi.json").json["openapi"].startswith("3.1")
