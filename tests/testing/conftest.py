"""A fleet as the plugin makes it; the plugin itself is tried in the project that the wheel makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nightshift.flow import Flow
from nightshift.testing import Fleet, Machine
from nightshift.testing.fleet import running_fleet

MACHINES = [
    Machine("web-1", {"AutoOff": "yes", "Backup": "nightly"}, sizes=(8, 20)),
    Machine("web-2", {"AutoOff": "yes"}),
    Machine("db-1", {"AutoOff": "yes"}, running=False),
    Machine("other"),
]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with running_fleet(MACHINES) as running:
        yield running


@pytest.fixture
def flow_of(tmp_path: Path) -> Callable[..., Flow[..., Any]]:
    """Makes the flow of a file's text."""

    def made(body: str, head: str = "") -> Flow[..., Any]:
        path = tmp_path / "flow_defs" / "f.py"
        path.parent.mkdir(exist_ok=True)
        imports = "from lambdas.parts import ebs, ec2, notify\nfrom nightshift import *\nfrom nightshift import flow\n"
        path.write_text(f"{imports}\n{head}\n\n{body}", encoding="utf-8")
        module: dict[str, object] = {"__name__": "f"}
        exec(compile(path.read_text(), str(path), "exec"), module)
        flow = module["f"]
        assert isinstance(flow, Flow)
        return flow

    return made
