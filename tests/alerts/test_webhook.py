"""A webhook is told by HTTPS: a local server with a certificate of its own gets what a topic gets."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler

import boto3
import pytest

from lambdas.alerts import handler, telling
from lambdas.outside.hosts import HOSTS
from tests.alerts.conftest import TOPIC, Alerts
from tests.parts.http.conftest import pem, receiver, resolves
from tests.parts.http.receiver import Receiver, answered, in_turn

__all__ = ["pem", "receiver", "resolves"]

RUN = {"flow": "backup", "run": "night"}


def ask() -> list[str]:
    """Ask the alerts to tell of the run; who was told."""
    return handler.handler(RUN, None)["told"]


def test_it_gets_what_the_topic_gets(alerts: Alerts, receiver: Receiver) -> None:
    hook = receiver.url("/in?room=ops")
    alerts.flow(notify=(hook, TOPIC))
    alerts.ended()
    assert ask() == [hook, TOPIC]
    (got,) = receiver.got
    (delivered,) = alerts.messages()
    assert (got.method, got.path, got.headers["content-type"]) == ("POST", "/in?room=ops", "application/json")
    assert json.loads(got.body) == json.loads(delivered["Message"])
    assert "authorization" not in got.headers


@pytest.mark.parametrize(
    ("written", "path", "sent"),
    [
        ("/in#secret=nightshift/hook", "/in", 'Bearer {"token": "s3cr3t"}'),
        ("/in/{secret.token}#secret=nightshift/hook", "/in/s3cr3t", None),
    ],
)
def test_its_secret_goes_out_and_is_written_nowhere(
    alerts: Alerts, receiver: Receiver, caplog: pytest.LogCaptureFixture, written: str, path: str, sent: str | None
) -> None:
    boto3.client("secretsmanager").create_secret(Name="nightshift/hook", SecretString='{"token": "s3cr3t"}')
    alerts.flow(notify=(receiver.url(written),))
    alerts.ended()
    receiver.answer = answered(404)
    assert ask() == []
    (got,) = receiver.got
    assert (got.path, got.headers.get("authorization")) == (path, sent)
    (refused,) = [line.getMessage() for line in caplog.records if line.levelname == "ERROR"]
    assert "answers 404" in refused
    assert "s3cr3t" not in refused
    assert "s3cr3t" not in json.dumps(alerts.table.scan()["Items"], default=str)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


def test_the_next_try_has_the_same_idempotency_key(alerts: Alerts, receiver: Receiver) -> None:
    hook = receiver.url("/in")
    alerts.flow(notify=(hook,))
    alerts.ended()
    receiver.answer = in_turn(answered(503), hang_up, answered(202))
    for _ in range(2):
        with pytest.raises(telling.NotTold, match="could not be told now"):
            ask()
    assert ask() == [hook]
    assert ask() == []
    assert len(receiver.got) == 3
    assert len({got.headers["idempotency-key"] for got in receiver.got}) == 1


def test_one_that_refuses_it_is_not_asked_again(alerts: Alerts, receiver: Receiver) -> None:
    alerts.flow(notify=(receiver.url("/in"), "ops@example.com"))
    alerts.ended()
    receiver.answer = answered(301, location=receiver.url("/there"))
    assert ask() == ["ops@example.com"]
    assert ask() == []
    assert len(receiver.got) == 1


def test_a_host_that_the_app_may_not_reach_gets_nothing(
    alerts: Alerts, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOSTS, "hooks.example.com")
    alerts.flow(notify=(receiver.url("/in"),))
    alerts.ended()
    assert ask() == []
    assert receiver.got == []
