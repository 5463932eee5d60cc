"""A receiver, and a resolver that knows where it is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdas.outside.hosts import HOSTS
from tests.parts.http.receiver import NAME, OTHER, Receiver, certificate, receiving


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("certificate"), NAME, OTHER)


@pytest.fixture
def resolves(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Name -> its addresses, which a test may change; any other name is known to nobody."""
    known: dict[str, list[str]] = {NAME: ["127.0.0.1"], OTHER: ["127.0.0.1"]}
    resolve = socket.getaddrinfo

    def told(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host in known:
            return [found for address in known[host] for found in resolve(address, port, *args, **kwargs)]
        if str(host)[:1].isdigit() or host in (None, "localhost"):
            return resolve(host, port, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", told)
    return known


@pytest.fixture
def receiver(pem: Path, resolves: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """One that the app may reach, though it is on this machine."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with receiving(pem) as receiver:
        monkeypatch.setenv(HOSTS, f"{NAME}:{receiver.port}@127.0.0.0/8")
        yield receiver
