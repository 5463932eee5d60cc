"""One HTTPS request to an address that was looked at before, within a time and up to a size."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from lambdas.contract.errors import InvalidParameter
from lambdas.outside.hosts import HOSTS, HTTPS, addresses, find, hosts

_CONNECT = 10
"""Seconds for a connection."""

_CHUNK = 65536

PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which a repetition may have another one ("HTTP Semantics", RFC 9110; RFC 6585 for 429)."""


@dataclass(frozen=True)
class Sent:
    """A request as it goes out. path: with its query. seconds: for all of it. most: bytes of the answer."""

    method: str
    host: str
    port: int
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    seconds: float
    most: int


@dataclass(frozen=True)
class Answer:
    """An answer. headers: by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSentError(Exception):
    """The receiver has not seen the request. lasting: trying again does not help."""

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class LostError(Exception):
    """The request went out, and its answer did not come."""


class TooLargeError(Exception):
    """The answer has more bytes than it may have."""


class Outside:
    """The systems beyond AWS, which the app's setting `http_hosts` lists."""

    def addresses(self, name: str, port: int) -> list[str]:
        """Where a host is; none when nothing tells now. A proxy finds it itself.

        Raises InvalidParameter for one that is not in the list, or has an address that is not to be reached.
        """
        listed = hosts(os.environ.get(HOSTS, "").split())
        host = find(listed, name, port)
        if host is None:
            at = name if port == HTTPS else f"{name}:{port}"
            known = ", ".join(map(str, listed)) or "none"
            raise InvalidParameter(
                f"{at} is no host that this app may reach ({known}); add it to http_hosts in cdk.json and deploy"
            )
        if _proxy_of(name):
            return [name]
        try:
            return addresses(host, name)
        except OSError:
            return []

    def send(self, sent: Sent, places: list[str]) -> Answer:
        """Make a request to a host at one of its addresses. Raises NotSentError, LostError or TooLargeError."""
        return _send(sent, places)


def _send(sent: Sent, addresses: list[str]) -> Answer:
    connection = _connected(sent, addresses)
    late = threading.Event()
    # A socket's timeout is for each piece of an answer, which may come in thousands.
    watch = threading.Timer(sent.seconds, _cut, [connection.sock, late])
    watch.start()
    try:
        connection.request(sent.method, sent.path, sent.body, dict(sent.headers))
        response = connection.getresponse()
        body = _body(response, sent.most)
        if late.is_set():
            raise TimeoutError(f"not whole after {sent.seconds:g} s")
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
    except (OSError, http.client.HTTPException) as error:
        raise LostError(f"{type(error).__name__}: {error}") from error
    finally:
        watch.cancel()
        connection.close()


def _connected(sent: Sent, addresses: list[str]) -> http.client.HTTPSConnection:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    failed: Exception = OSError("it has no address")
    for address in addresses:
        connection = http.client.HTTPSConnection(sent.host, sent.port, context=context)
        try:
            connection.sock = context.wrap_socket(_socket(sent, address), server_hostname=sent.host)
        except ssl.SSLCertVerificationError as error:
            raise NotSentError(f"its certificate is not valid: {error.verify_message}", lasting=True) from error
        except OSError as error:
            failed = error
        else:
            connection.sock.settimeout(sent.seconds)
            return connection
    raise NotSentError(f"{type(failed).__name__}: {failed}") from failed


def _socket(sent: Sent, address: str) -> socket.socket:
    proxy = _proxy_of(sent.host)
    if not proxy:
        return socket.create_connection((address, sent.port), timeout=_CONNECT)
    at = urlsplit(proxy)
    tunnel = http.client.HTTPConnection(at.hostname or "", at.port or 3128, timeout=_CONNECT)
    tunnel.set_tunnel(sent.host, sent.port)
    tunnel.connect()
    return tunnel.sock


def _proxy_of(host: str) -> str:
    """The proxy through which the functions of a company reach a host, or ""."""
    return "" if proxy_bypass(host) else getproxies_environment().get("https", "")


def _body(response: http.client.HTTPResponse, most: int) -> bytes:
    made = b""
    while chunk := response.read1(_CHUNK):
        made += chunk
        if len(made) > most:
            raise TooLargeError(f"its answer has more than {most} bytes")
    if response.length:
        raise http.client.IncompleteRead(made, response.length)
    return made


def _cut(connected: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
