"""http.request against a server of HTTPS: what goes out, what comes back, what is refused and what is repeated."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from lambdas.contract.errors import AnswerLost, InvalidParameter, PartFailed, PartTimeout
from lambdas.outside.hosts import HOSTS
from lambdas.parts import http as parts
from nightshift.compiler import compile_file
from tests.parts.driver import RUN, TestAws, client, drive
from tests.parts.http.receiver import NAME, OTHER, Receiver, answered, certificate, in_turn, receiving


def ask(aws: TestAws, receiver: Receiver, **given: Any) -> dict[str, Any]:
    return drive(parts.request, aws, {"url": receiver.url("/api"), **given}).result


def test_a_request_goes_out_as_written_and_its_answer_comes_back(aws: TestAws, receiver: Receiver) -> None:
    receiver.answer = answered(201, '{"id": 7, "name": "é"}', content_type="application/json", x_request_id="1")
    url = receiver.url("/api/tickets?kind=a b")
    result = ask(aws, receiver, url=url, headers={"X-Team": "ops"}, json={"title": "Backup é"})
    (got,) = receiver.got
    assert (got.method, got.path, json.loads(got.body)) == ("POST", "/api/tickets?kind=a%20b", {"title": "Backup é"})
    assert (got.headers["x-team"], got.headers["content-type"]) == ("ops", "application/json")
    assert got.headers["host"] == f"{NAME}:{receiver.port}"
    assert (result["status"], json.loads(result["body"])["name"]) == (201, "é")
    assert result["headers"]["x-request-id"] == "1"
    assert result["changed"] == result["matched"] == [receiver.url("/api/tickets")]


def test_a_secret_goes_out_and_never_comes_back(aws: TestAws, receiver: Receiver) -> None:
    client("secretsmanager").create_secret(Name="hook", SecretString='{"token": "s3cr3t/x", "room": "ops"}')
    receiver.answer = answered(200, "you said s3cr3t/x", x_echo="s3cr3t/x")
    url = receiver.url("/rooms/{secret.room}/{secret.token}")
    headers = {"Authorization": "Bearer {secret.token}"}
    result = ask(aws, receiver, url=url, headers=headers, body="token={secret.token}", secret="hook")
    (got,) = receiver.got
    assert got.path == "/rooms/ops/s3cr3t/x"
    assert (got.headers["authorization"], got.body) == ("Bearer s3cr3t/x", "token=s3cr3t/x")
    assert "s3cr3t" not in json.dumps(result)
    assert (result["body"], result["headers"]["x-echo"]) == ("you said ***", "***")
    receiver.answer = answered(403, "s3cr3t/x is not allowed")
    with pytest.raises(PartFailed, match=r"HTTP403.*\*\*\* is not allowed"):
        ask(aws, receiver, url=url, secret="hook")


def test_every_repetition_has_the_same_idempotency_key(aws: TestAws, receiver: Receiver) -> None:
    receiver.answer = in_turn(answered(503), answered(429, Retry_After="7"), answered(200))
    outcome = drive(parts.request, aws, {"url": receiver.url(), "idempotent": True})
    assert outcome.result["status"] == 200
    assert outcome.waits[1] == 7
    assert len({got.headers["idempotency-key"] for got in receiver.got}) == 1
    receiver.answer = answered(200)
    drive(parts.request, aws, {"url": receiver.url()}, run=replace(RUN, call=2))
    assert len({got.headers["idempotency-key"] for got in receiver.got}) == 2
    drive(parts.request, aws, {"url": receiver.url(), "idempotency_header": "X-Once"})
    assert "idempotency-key" not in receiver.got[-1].headers
    assert receiver.got[-1].headers["x-once"] == receiver.got[0].headers["idempotency-key"]


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()
    handler.close_connection = True


@pytest.mark.parametrize(("method", "times"), [("POST", 1), ("PATCH", 1)])
def test_what_may_have_had_effect_is_not_repeated(aws: TestAws, receiver: Receiver, method: str, times: int) -> None:
    receiver.answer = hang_up
    with pytest.raises(AnswerLost, match=r"/api: its answer is lost.*may have had effect.*redrive"):
        ask(aws, receiver, method=method)
    assert len(receiver.got) == times
    receiver.answer = answered(500, "oops")
    with pytest.raises(PartFailed, match="HTTP500"):
        ask(aws, receiver, method=method)
    assert len(receiver.got) == times + 1


@pytest.mark.parametrize("given", [{"method": "GET"}, {"method": "PUT"}, {"method": "DELETE"}, {"idempotent": True}])
def test_what_does_no_harm_is_repeated_when_its_answer_is_lost(
    aws: TestAws, receiver: Receiver, given: dict[str, Any]
) -> None:
    receiver.answer = in_turn(hang_up, answered(200))
    assert ask(aws, receiver, **given)["status"] == 200
    assert len(receiver.got) == 2


def test_one_that_was_refused_as_too_many_is_sent_again(aws: TestAws, receiver: Receiver) -> None:
    receiver.answer = in_turn(answered(429), answered(200))
    assert ask(aws, receiver)["status"] == 200


def test_one_that_was_not_sent_is_tried_until_the_timeout(
    aws: TestAws, receiver: Receiver, resolves: dict[str, list[str]]
) -> None:
    resolves.pop(NAME)
    with pytest.raises(PartTimeout, match="to be reached"):
        ask(aws, receiver, timeout="2m")
    assert receiver.got == []


def test_the_status_tells_whether_it_failed(aws: TestAws, receiver: Receiver) -> None:
    receiver.answer = answered(404, "no such ticket")
    with pytest.raises(PartFailed, match=r"HTTP404.*no such ticket"):
        ask(aws, receiver)
    assert ask(aws, receiver, accepted=[404])["status"] == 404
    result = ask(aws, receiver, on_failure="continue")
    assert (result["status"], result["changed"], result["failed"][0]["error"]) == (404, [], "HTTP404")


def test_a_get_follows_redirects_within_the_list(
    aws: TestAws, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"/api": "/next", "/next": receiver.url("/end", OTHER)}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        target = there.get(handler.path)
        (answered(302, location=target) if target else answered(200, "here"))(handler)

    receiver.answer = answer
    given = {"method": "GET", "headers": {"Authorization": "mine"}}
    with pytest.raises(InvalidParameter, match=r"other\.example\.com.* is no host that this app may reach"):
        ask(aws, receiver, **given)
    assert [got.path for got in receiver.got] == ["/api", "/next"]
    monkeypatch.setenv(HOSTS, f"*.example.com:{receiver.port}@127.0.0.0/8")
    receiver.got.clear()
    assert ask(aws, receiver, **given)["body"] == "here"
    assert [got.headers.get("authorization") for got in receiver.got] == ["mine", "mine", None]
    with pytest.raises(PartFailed, match="HTTP302"):
        ask(aws, receiver, body="x")


@pytest.mark.parametrize("location", ["http://hooks.example.com/", "https://169.254.169.254/", "ftp://x/"])
def test_a_redirect_to_what_is_not_allowed_ends_it(aws: TestAws, receiver: Receiver, location: str) -> None:
    receiver.answer = answered(302, location=location)
    with pytest.raises(InvalidParameter):
        ask(aws, receiver, method="GET")
    assert len(receiver.got) == 1


def test_redirects_in_a_circle_end(aws: TestAws, receiver: Receiver) -> None:
    receiver.answer = answered(302, location="/api")
    with pytest.raises(PartFailed, match="HTTP302"):
        ask(aws, receiver, method="GET")
    assert len(receiver.got) == 5


def test_an_answer_that_is_too_large_is_cut_off(aws: TestAws, receiver: Receiver) -> None:
    receiver.answer = answered(200, "x" * 1001)
    with pytest.raises(PartFailed, match=r"TooLarge.*more than 1000 bytes.*max_bytes"):
        ask(aws, receiver, max_bytes=1000)
    assert len(ask(aws, receiver, max_bytes=1001)["body"]) == 1001


@pytest.mark.parametrize("length", ["1000", None])
def test_an_answer_that_comes_drop_by_drop_has_to_end_in_time(
    aws: TestAws, receiver: Receiver, length: str | None
) -> None:
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        if length:
            handler.send_header("content-length", length)
        handler.end_headers()
        with suppress(OSError):
            while not ended.wait(0.1):
                handler.wfile.write(b"x")

    receiver.answer = drip
    with pytest.raises(AnswerLost):
        ask(aws, receiver, request_timeout=1)
    ended.set()


def test_an_answer_that_ends_too_early_is_none(aws: TestAws, receiver: Receiver) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        handler.wfile.write(b"half")

    receiver.answer = cut
    with pytest.raises(AnswerLost, match="IncompleteRead"):
        ask(aws, receiver)


def test_a_certificate_for_another_name_or_of_nobody_is_refused(
    aws: TestAws, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(PartFailed, match=r"NotSecure.*certificate is not valid"):
        ask(aws, receiver)
    pem = certificate(tmp_path, "someone-else.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with receiving(pem) as other:
        monkeypatch.setenv(HOSTS, f"{NAME}:{other.port}@127.0.0.0/8")
        with pytest.raises(PartFailed, match="NotSecure"):
            ask(aws, other)
        assert other.got == []
    assert receiver.got == []


def test_a_dry_run_sends_only_what_changes_nothing(aws: TestAws, receiver: Receiver) -> None:
    result = ask(aws, receiver, body="x", dry_run=True)
    assert (result["changed"], result["summary"]) == (
        [receiver.url("/api")],
        f"would send POST to {receiver.url('/api')}",
    )
    assert receiver.got == []
    assert ask(aws, receiver, method="GET", dry_run=True)["status"] == 200
    with pytest.raises(InvalidParameter, match="no host that this app may reach"):
        ask(aws, receiver, url="https://elsewhere.example.com/", dry_run=True)


@pytest.mark.parametrize(
    "given",
    [
        {"url": "http://hooks.example.com/"},
        {"url": "https://"},
        {"url": "https://user:word@hooks.example.com/"},
        {"url": "https://hooks.example.com/#a"},
        {"url": "https://hooks.example.com:99999/"},
        {"url": "https://hooks.example.com/a\r\nX-Header: 1"},
        {"url": "https://hooks.example.com\\@evil.example.com/"},
        {"headers": {"Host": "evil.example.com"}},
        {"headers": {"X-A": "1\r\nX-B: 2"}},
        {"headers": {"X A": "1"}},
        {"body": "a", "json": {}},
        {"method": "GET", "body": "a"},
        {"max_bytes": 0},
        {"max_bytes": 6_000_000},
        {"secret": "hook"},
        {"headers": {"Authorization": "{secret}"}},
    ],
)
def test_what_is_no_request_is_refused(aws: TestAws, receiver: Receiver, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        ask(aws, receiver, **given)
    assert receiver.got == []


def test_step_functions_invokes_again_only_what_may_be_repeated(tmp_path: Path) -> None:
    file = tmp_path / "asking.py"
    file.write_text(
        "from lambdas.parts import http\nfrom nightshift import flow\n\n\n@flow\ndef asking(once: bool = True):\n"
        '    http.request(url="https://a.example.com/")\n'
        '    http.request(url="https://a.example.com/", idempotent=once)\n'
        '    http.request(url="https://a.example.com/", method="PUT")\n'
        '    http.request(url="https://a.example.com/", idempotent=True)\n'
    )
    (flow,) = compile_file(file)
    retried = [len(s["Retry"]) for s in flow.definition["States"].values() if s["Type"] == "Task"]
    assert retried == [1, 1, 3, 3]
