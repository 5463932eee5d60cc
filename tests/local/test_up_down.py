"""Starting and ending the servers: what was started is ended, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from nightshift.local import LocalAws, ServerDied, down, status, up
from nightshift.local.lifecycle import local_context
from nightshift.local.processes import Reserved, Server, free_ports, is_free, start, wait_ready
from nightshift.local.servers import dashboard_port
from nightshift.local.state import Folder
from tests.waiting import until

SLEEPER = "import time; time.sleep(600)"
THREADED = """
import socket, sys, threading

def serve(page):
    page.send(b".")
    page.recv(1)

listening, much = socket.socket(fileno=int(sys.argv[1])), bytearray(200_000_000)
while True:
    threading.Thread(target=serve, args=listening.accept()[:1]).start()
"""


def bring_up(project: Path, **options: Any) -> LocalAws:
    return up(project, deploy=False, **options)


def test_the_address_that_mails_name_is_given_to_nobody_else_while_the_app_is_deployed(tmp_path: Path) -> None:
    first, second = Folder(tmp_path / "first"), Folder(tmp_path / "second")
    with dashboard_port(first) as one, dashboard_port(second) as other:
        assert one.held
        assert other.held
        assert one.port != other.port
        one.release()
        with Reserved(one.port) as again:
            assert again.held


def test_a_server_that_inherits_its_port_has_it_from_the_start(tmp_path: Path) -> None:
    with Reserved(*free_ports(1)) as place:
        command, log = ["-c", SLEEPER], tmp_path / "log"
        inherits = [place.fileno()]
        server = start("sleeper", command, port=place.port, log=log, token="mine", env=os.environ, inherits=inherits)
    taken = not is_free(place.port)
    server.stop()
    assert taken
    assert is_free(place.port)


def test_a_port_is_free_once_its_server_was_ended_also_with_many_threads_and_connections(tmp_path: Path) -> None:
    """A page that is open keeps its address when the app is deployed again."""
    for _ in range(5):
        with Reserved(*free_ports(1)) as place:
            command, log = ["-c", THREADED, str(place.fileno())], tmp_path / "log"
            inherits = [place.fileno()]
            server = start("busy", command, port=place.port, log=log, token="mine", env=os.environ, inherits=inherits)
        pages = [socket.create_connection(("127.0.0.1", place.port)) for _ in range(8)]
        assert [page.recv(1) for page in pages] == [b"."] * 8
        # As another command does, which did not start it.
        replace(server, pipe=None).stop()
        free = is_free(place.port)
        server.stop()
        for page in pages:
            page.close()
        assert free


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    down(tmp_path)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_up_twice_status_and_down(project: Path) -> None:
    local = bring_up(project)
    assert status(project) == local
    assert local.dead == []
    assert len(local.session().client("ec2").describe_instances()["Reservations"]) == 16
    assert bring_up(project).ministack.pid == local.ministack.pid

    assert down(project)

    assert gone(local.ministack.pid)
    assert gone(local.fleet.pid)
    assert status(project) is None
    assert not down(project)
    assert not (project / ".nightshift" / "tmp").exists()


def test_functions_are_told_how_fast_waits_pass(sleeper: Server, tmp_path: Path) -> None:
    local = LocalAws(tmp_path, sleeper, sleeper, speed=30.0)
    assert json.loads(local_context(local, 8080)["lambda_environment"])["NIGHTSHIFT_SPEED"] == "30"


def test_a_killed_server_is_reported_and_replaced(project: Path) -> None:
    first = bring_up(project, fleet=False)
    os.kill(first.ministack.pid, signal.SIGKILL)
    psutil.Process(first.ministack.pid).wait()

    found = status(project)
    assert found is not None
    assert [server.name for server in found.dead] == ["ministack"]

    second = bring_up(project, fleet=False)
    assert second.dead == []
    assert gone(first.fleet.pid)


def test_two_projects_do_not_disturb_each_other(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other_project = tmp_path_factory.mktemp("other")
    mine, other = bring_up(project, fleet=False), bring_up(other_project, fleet=False)
    try:
        mine.session().client("sns").create_topic(Name="mine")
        assert other.session().client("sns").list_topics()["Topics"] == []
    finally:
        down(other_project)
    assert mine.dead == []


def test_what_ended_a_server_is_in_the_error(project: Path) -> None:
    log = project / "log"
    server = start("broken", ["-c", "raise SystemExit('no such port')"], port=1, log=log, token="t", env=os.environ)
    with pytest.raises(ServerDied, match="no such port"):
        wait_ready(server, "/")


def test_an_up_that_dies_leaves_no_server(project: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from nightshift.local import lifecycle\n"
        "lifecycle.wait_for = lambda local: os.kill(os.getpid(), signal.SIGKILL)\n"
        "lifecycle.up(Path(sys.argv[1]), deploy=False)"
    )
    subprocess.run([sys.executable, "-c", code, str(project)], check=False, cwd=Path(__file__).parents[2])

    servers = Folder(project).servers()
    assert [server.name for server in servers] == ["ministack", "fleet"]
    psutil.wait_procs([psutil.Process(s.pid) for s in servers if psutil.pid_exists(s.pid)], timeout=20)
    assert all(gone(server.pid) for server in servers)
    assert status(project) is None


def test_an_up_that_fails_takes_its_servers_down(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: LocalAws) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nightshift.local.lifecycle.seed", fail)
    pids: list[int] = []
    monkeypatch.setattr("nightshift.local.lifecycle.wait_for", lambda local: pids.append(local.ministack.pid))
    with pytest.raises(KeyboardInterrupt):
        bring_up(project)
    assert gone(pids[0])
    assert not Folder(project).state.exists()


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Server]:
    [port] = free_ports(1)
    child = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); {SLEEPER}"
    server = start("sleeper", ["-c", child], port=port, log=tmp_path / "log", token="mine", env=os.environ)
    yield server
    server.stop()


def test_stop_ends_the_children_too(sleeper: Server) -> None:
    def children() -> list[psutil.Process]:
        return psutil.Process(sleeper.pid).children()

    [child] = until(children, "the child of the server")
    sleeper.stop()
    assert gone(sleeper.pid)
    assert gone(child.pid)


def test_a_process_that_only_has_the_same_id_is_left_alone(sleeper: Server) -> None:
    for impostor in (
        Server("sleeper", sleeper.pid, sleeper.started - 60, 0, "", sleeper.token),
        Server("sleeper", sleeper.pid, sleeper.started, 0, "", "another"),
    ):
        assert not impostor.alive()
        impostor.stop()
    assert sleeper.alive()
