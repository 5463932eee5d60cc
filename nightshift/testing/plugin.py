"""The plugin of pytest: the fixture `fleet`, the parts of the project, and nothing that reaches AWS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nightshift.local.seed import Machine
    from nightshift.testing.fleet import Fleet


def pytest_configure(config: pytest.Config) -> None:
    """In a project of flows, refuse every request to AWS: of tests, of fixtures, and while files are collected."""
    if _flow_defs(config).is_dir():
        from nightshift.local.offline import offline

        guard = ExitStack()
        guard.enter_context(offline())
        config.add_cleanup(guard.close)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let the tests import flows that import parts of the project."""
    flow_defs = _flow_defs(session.config)
    if flow_defs.is_dir():
        from nightshift.errors import CompileErrors
        from nightshift.own_parts import use_own_parts

        try:
            use_own_parts(flow_defs)
        except CompileErrors as errors:
            raise pytest.UsageError(str(errors)) from None


@pytest.fixture
def machines(request: pytest.FixtureRequest) -> Sequence[Machine]:
    """What the fleet begins with: FLEET of tests/fleet.py. Override it for a folder, a file or a class of tests."""
    from nightshift.testing.described import machines_of

    return machines_of(request.config.rootpath)


@pytest.fixture
def fleet(machines: Sequence[Machine], request: pytest.FixtureRequest) -> Iterator[Fleet]:
    """A fleet of its own for the test, on which `nightshift.testing.run` runs flows."""
    from nightshift.testing.described import work_of
    from nightshift.testing.fleet import running_fleet

    templates = _flow_defs(request.config) / "templates"
    work = work_of(request.config.rootpath)
    with running_fleet(machines, templates if templates.is_dir() else None, work) as running:
        yield running


def _flow_defs(config: pytest.Config) -> Path:
    return config.rootpath / "flow_defs"
