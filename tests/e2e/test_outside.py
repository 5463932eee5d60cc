"""http.request and a webhook of `notify`, deployed, against a server of HTTPS on this machine behind a proxy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from nightshift.local import LocalAws, down, up
from nightshift.local.lifecycle import local_context
from tests.e2e.catalogue import OWN, run
from tests.e2e.runs import ROOT, finished, start
from tests.e2e.tunnel import Tunnel, tunnel
from tests.parts.http.receiver import NAME, Receiver, answered, certificate, in_turn, receiving
from tests.waiting import until

pytestmark = pytest.mark.e2e

SECRET, VALUE = "nightshift/hook", "s3cr3t-of-the-hook"
TOLD = '''
from lambdas.parts import ec2
from nightshift import flow


@flow(notify=["{hook}#secret=nightshift/hook"])
def stop_what_is_gone():
    """Fail, because there is no such instance."""
    ec2.stop_instances(instance_id="i-0123456789abcdef0")
'''


@dataclass
class Outside:
    """A local AWS whose functions reach one host beyond it, by a proxy alone."""

    local: LocalAws
    receiver: Receiver
    proxy: Tunnel


@pytest.fixture(scope="module")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    project = tmp_path_factory.mktemp("outside")
    pem = certificate(project, NAME)
    flow_defs = project / "flow_defs"
    flow_defs.mkdir()
    shutil.copy(OWN / "outside.py", flow_defs)
    try:
        local = up(project, app=ROOT, flow_defs=flow_defs, deploy=False, fleet=False)
        with receiving(pem) as receiver, tunnel(f"{NAME}:{receiver.port}", receiver.port) as proxy:
            (flow_defs / "told.py").write_text(TOLD.format(hook=receiver.url("/in")))
            given = json.loads(local_context(local, proxy.server_address[1])["lambda_environment"])
            context = {
                "lambda_environment": json.dumps({**given, "SSL_CERT_FILE": str(pem)}),
                "proxy": proxy.url,
                "http_hosts": f"{NAME}:{receiver.port}",
                "dashboard": "false",
            }
            local = up(project, app=ROOT, flow_defs=flow_defs, context=context, fleet=False)
            local.session().client("secretsmanager").create_secret(Name=SECRET, SecretString=VALUE)
            yield Outside(local, receiver, proxy)
    finally:
        down(project)


@pytest.fixture
def outside(brought_up: Outside) -> Outside:
    """It has been asked nothing yet."""
    brought_up.receiver.got.clear()
    brought_up.proxy.asked.clear()
    return brought_up


def test_a_request_is_repeated_with_its_key_and_its_answer_comes_back(outside: Outside) -> None:
    outside.receiver.answer = in_turn(answered(503), answered(201), answered(200, f"ticket 7 of {VALUE}"))
    url = outside.receiver.url("/tickets")
    assert run(outside.local, "every_http_part", url=url, secret=SECRET) == [201, "ticket 7 of ***"]
    first, again, read = outside.receiver.got
    assert [(got.method, got.path) for got in (first, again, read)] == [
        ("POST", "/tickets"),
        ("POST", "/tickets"),
        ("GET", "/tickets/7"),
    ]
    assert json.loads(again.body) == {"title": "the books balance"}
    assert {got.headers["authorization"] for got in outside.receiver.got} == {f"Bearer {VALUE}"}
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]
    assert outside.proxy.asked == [outside.proxy.at] * 3


def test_a_webhook_is_told_of_a_failed_run_once(outside: Outside) -> None:
    outside.receiver.answer = in_turn(answered(503), answered(204))
    arn = start(outside.local, "stop_what_is_gone")
    assert finished(outside.local, arn)["status"] == "FAILED"
    first, again = until(lambda: outside.receiver.got[1:] and outside.receiver.got, "the webhook to be told")
    assert (first.method, first.path, first.headers["authorization"]) == ("POST", "/in", f"Bearer {VALUE}")
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]
    told = json.loads(again.body)
    assert told["metadata"]["threadId"] == f"stop_what_is_gone/{arn.rpartition(':')[2]}"
    assert told["metadata"]["additionalContext"]["state"] == "FAILED"
    items = outside.local.session().resource("dynamodb").Table("nightshift").scan()["Items"]
    assert items
    assert VALUE not in json.dumps(items, default=str)
