"""Keeps a process from reaching AWS, whoever asks and whatever credentials there are: for tests and simulations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from nightshift.local.sessions import WouldReachAws


@contextmanager
def offline() -> Iterator[None]:
    """Within, a request of botocore that would leave this machine raises WouldReachAws."""
    from botocore.httpsession import URLLib3Session

    send = URLLib3Session.send

    def sent(session: Any, request: Any) -> Any:
        host = urlsplit(request.url).hostname or ""
        if not _here(host):
            raise WouldReachAws(
                f"something would have reached {host} from a test or a simulation; "
                "parts get their clients by call.client(...), tests by the fixture fleet"
            )
        return send(session, request)

    kind: Any = URLLib3Session
    kind.send = sent
    try:
        yield
    finally:
        kind.send = send


def _here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
