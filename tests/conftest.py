"""Which tests belong to which tier, which stay together on a worker, and what the summary says besides their number.

The workers of pytest-xdist have no terminal, so tests record properties for it. Its own process reads no conftest.py
further down.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.client import ClientCreator
from botocore.loaders import JSONFileLoader
from botocore.model import ServiceModel
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__).parent
SPREAD = ("compiler/test_corpus.py", "faults/test_sweep.py", "faults/test_sweep_ec2.py")
"""Files of many tests that share little: each goes to whichever worker is free."""
SERVERS = ("dashboard/test_sign_in.py", "local/test_control_plane.py", "local/test_up_down.py")
"""Files outside of e2e/ whose tests start a browser or the servers of a local AWS."""
ALONE = tuple(
    f"e2e/test_{name}.py"
    for name in (
        *("accounts", "changes", "crowd", "demo", "moving_in", "organization", "outside", "plans", "proxy", "stages"),
        *("boards", "handover", "japanese", "looking_up", "looks"),
    )
)
"""Files of e2e/ with a local AWS of their own, or with a dashboard on moto; the others share a local AWS."""
SLOW_ENGINES = ("moto", "ministack")
LONG = (
    "compiler/test_definitions.py",
    "dashboard/test_fuzz.py",
    "parts/test_scale.py",
    "simulation/",
    "stacks/",
    "testing/test_plans.py",
    "testing/test_plugin.py",
    "wheel/",
)
"""Synthesis, thousands of resources or requests, every definition, months of schedules, pytest within pytest: not in
the fast tier."""
RANDOM = "compiler/test_random_flows.py"
SAMPLED = (
    "alarms/",
    "alerts/",
    "cli/",
    "compiler/test_corpus.py",
    "dashboard/",
    "local/",
    "parts/",
    "tracker/",
)
"""Whole flows, or a fleet or a table for each test: of each of these files the fast tier runs a sample."""
SAMPLE = 8
"""Of so many tests of such a file the fast tier runs one, and always the first."""


class Groups(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps on one worker the tests that share what is slow to make: of a file, of a slow engine, of one local AWS."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0].removeprefix("tests/")
        if file.startswith("e2e/") and file not in ALONE:
            return "e2e"
        if file in SPREAD:
            return next((engine for engine in SLOW_ENGINES if engine in nodeid), nodeid)
        return file


@pytest.fixture(scope="session", autouse=True)
def models_are_read_once() -> Iterator[None]:
    """Share among all sessions what botocore reads of a service, and the methods of its clients: half of the time of a
    part's test went there."""
    read = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
    creators: Any = ClientCreator
    make = creators._create_methods
    methods: dict[str, dict[str, Any]] = {}

    def methods_of(creator: ClientCreator, model: ServiceModel) -> dict[str, Any]:
        if model.service_name not in methods:
            methods[model.service_name] = make(creator, model)
        return dict(methods[model.service_name])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        patched.setattr(creators, "_create_methods", methods_of)
        yield


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Hand the tests out by group, in the order they were collected."""
    config.option.loadscopereorder = False
    return Groups(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The choices that are no marker."""
    parser.addoption("--fast", action="store_true", help="without faults, engines and e2e, and a sample of slow files")
    parser.addoption("--part", metavar="SERVICE.PART", help="only the tests about a part")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import, in each worker of the fast tier, files of which it runs no test: they import the CDK."""
    if not config.getoption("--fast") or not collection_path.is_relative_to(HERE):
        return None
    file = collection_path.relative_to(HERE).as_posix()
    return True if file in (*SERVERS, RANDOM) or f"{file}/".startswith((*LONG, "faults/", "e2e/")) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of other tiers, and put first what takes long and cannot be divided."""
    chosen = items
    if part := config.getoption("--part"):
        chosen = [item for item in items if _about(item, part)]
    if config.getoption("--fast"):
        chosen = list(_sample(item for item in chosen if not _slow(item)))
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = sorted(chosen, key=lambda item: (item.get_closest_marker("e2e") is None, _file(item) in SPREAD))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a test the markers that follow from where it is."""
    file = _file(item)
    if file.startswith("faults/"):
        item.add_marker("faults")
    if file in SERVERS:
        item.add_marker("e2e")
    if file == RANDOM or _engine(item) in SLOW_ENGINES:
        item.add_marker("engines")


def _slow(item: pytest.Item) -> bool:
    return _file(item).startswith(LONG) or any(item.get_closest_marker(tier) for tier in ("faults", "engines", "e2e"))


def _sample(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """The items without those that the fast tier leaves out of sampled files."""
    before: Counter[str] = Counter()
    for item in items:
        file = _file(item)
        if not file.startswith(SAMPLED) or before[file] % SAMPLE == 0:
            yield item
        before[file] += 1


def _about(item: pytest.Item, part: str) -> bool:
    """Whether a test is one of the part's own, or one of all parts' with its name among the parameters."""
    service, _, name = part.partition(".")
    own = _file(item) in (f"parts/{service}/test_{name}.py", f"parts/test_{service}.py")
    return own or re.search(rf"\[(.*-)?{re.escape(part)}(-.*)?\]$", item.name) is not None


def _file(item: pytest.Item) -> str:
    """The file of a test, below tests/."""
    return item.path.relative_to(HERE).as_posix()


def _engine(item: pytest.Item) -> str:
    """The engine that runs the test's flow, or ""."""
    return str(item.callspec.params.get("engine", "")) if hasattr(item, "callspec") else ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each comparison, and one that counts the cases of the fault sweep."""
    recorded = [
        dict(report.user_properties)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
    ]
    for properties in recorded:
        if "compared" in properties:
            terminalreporter.write_line(str(properties["compared"]))
    counted: list[Any] = [properties["faults"] for properties in recorded if "faults" in properties]
    if counted:
        cases, wrong = (sum(of) for of in zip(*counted, strict=True))
        terminalreporter.write_line(f"fault sweep: {len(counted)} scenarios, {cases} cases, {wrong} violations")
