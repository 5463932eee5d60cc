"""The settings `proxy` and `endpoints`: the parts of a flow reach the fleet through a company's proxy alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightshift.local import LocalAws, down, up
from tests.e2e.proxy import CountingProxy, counting_proxy
from tests.e2e.runs import ROOT, finished, start

pytestmark = pytest.mark.e2e

HOST = "ec2.ap-northeast-1.amazonaws.com"
"""Where EC2 is on AWS; nothing on this machine has that name."""


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalAws, CountingProxy]]:
    """The app of one flow, whose functions know no address of the fleet, and the proxy they are given."""
    project = tmp_path_factory.mktemp("proxy")
    flow_defs = project / "flow_defs"
    shutil.copytree(ROOT / "flow_defs/templates", flow_defs / "templates")
    shutil.copy(Path(__file__).parent / "flow_defs/two_generations.py", flow_defs)
    try:
        local = up(project, app=ROOT, flow_defs=flow_defs, deploy=False)
        with counting_proxy(local.fleet.url, HOST, project) as proxy:
            environment = {"AWS_ENDPOINT_URL": local.ministack.url, "AWS_CA_BUNDLE": str(proxy.trusted)}
            context = {
                "lambda_environment": json.dumps(environment),
                "proxy": proxy.url,
                "endpoints": json.dumps({"ec2": f"https://{HOST}"}),
                "dashboard": "false",
            }
            yield up(project, app=ROOT, flow_defs=flow_defs, context=context, fleet=False), proxy
    finally:
        down(project)


def test_a_flow_reaches_the_fleet_through_the_proxy_alone(behind: tuple[LocalAws, CountingProxy]) -> None:
    local, proxy = behind
    assert proxy.requests == {}
    before = len(local.control().calls())
    ended = finished(local, start(local, "two_generations"))

    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    made = len(local.control().calls()) - before
    assert made > 0
    # The fleet was asked nothing that the proxy did not see, and the proxy was asked for EC2 alone.
    assert proxy.requests == {HOST: made}
