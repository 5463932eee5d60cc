"""The hosts outside of AWS that an app may reach, as its setting `http_hosts` lists them, and their addresses."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lambdas.contract.errors import InvalidParameter

HOSTS = "NIGHTSHIFT_HTTP_HOSTS"
"""The environment variable with the list, separated by spaces."""

HTTPS = 443
"""The port of a host for which the list names none."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LISTED = re.compile(rf"(?P<name>(\*\.)?({_LABEL}\.)*{_LABEL})(:(?P<port>\d{{1,5}}))?(@(?P<network>[0-9a-f.:]+/\d+))?")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses behind NAT64 (RFC 6052); a VPC has them for its IPv6-only subnets."""

_OF_THE_MACHINE = (ipaddress.ip_network("fd00:ec2::/32"), ipaddress.ip_network("169.254.0.0/16"))
"""Where EC2 and Lambda answer about the machine itself ("Instance metadata", Amazon EC2 User Guide)."""


@dataclass(frozen=True)
class Host:
    """A host of the list. name: its name, or "*.example.com" for all below. network: private addresses it may have."""

    name: str
    port: int
    network: Network | None = None

    def __str__(self) -> str:
        """As the list has it."""
        port = f":{self.port}" if self.port != HTTPS else ""
        return f"{self.name}{port}" + (f"@{self.network}" if self.network is not None else "")

    def means(self, name: str, port: int) -> bool:
        """Whether a request to this host and port is meant."""
        below = self.name.startswith("*.") and name.endswith(self.name[1:]) and len(name) >= len(self.name)
        return port == self.port and (name == self.name or below)


def hosts(texts: Iterable[str]) -> tuple[Host, ...]:
    """The hosts of a list. Raises InvalidParameter for what is no host.

    texts: "hooks.example.com", "*.example.com", with a port "ci.example.com:8443", and for a host inside of a company's
        network with where its addresses lie, "tickets.corp.example@10.20.0.0/16".
    """
    return tuple(map(_host, texts))


def _host(text: str) -> Host:
    listed = _LISTED.fullmatch(text.lower())
    if listed is None or _is_address(listed["name"]) or "." not in listed["name"].removeprefix("*."):
        raise InvalidParameter(
            f"{text!r} is no host; write hooks.example.com, *.example.com, ci.example.com:8443, or for a private "
            "address tickets.corp.example@10.20.0.0/16"
        )
    network = None
    if listed["network"]:
        try:
            network = ipaddress.ip_network(listed["network"])
        except ValueError as error:
            raise InvalidParameter(f"{text!r}: {error}") from None
    return Host(listed["name"], int(listed["port"] or HTTPS), network)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        # "127.1" is one, too, for the resolver.
        return text.rpartition(".")[2].isdecimal()
    return True


def find(listed: Iterable[Host], name: str, port: int) -> Host | None:
    """The host of the list that a request means; one by its name before one of "*."."""
    meant = [host for host in listed if host.means(name, port)]
    return min(meant, key=lambda host: host.name.startswith("*."), default=None)


def addresses(host: Host, name: str) -> list[str]:
    """The addresses of a host; all of them are fit to be reached.

    Raises InvalidParameter when one of them is not: private, of the machine itself, of nobody; OSError when there is
    none. Who connects to one of these, and does not resolve the name again, cannot be led elsewhere in between.
    """
    told = socket.getaddrinfo(name, host.port, type=socket.SOCK_STREAM)
    found = list(dict.fromkeys(str(address[4][0]) for address in told))
    for text in found:
        if not _fit(ipaddress.ip_address(text.partition("%")[0]), host.network):
            inside = "" if host.network is None else f" outside of {host.network}"
            raise InvalidParameter(
                f"{name} has the address {text}, which is private or special{inside}; http.request reaches public "
                f"addresses, and private ones where http_hosts names their network: {name}@10.20.0.0/16"
            )
    return found


def _fit(address: Address, network: Network | None) -> bool:
    for meant in _meant(address):
        special = meant.is_link_local or meant.is_multicast or meant.is_unspecified
        if special or any(meant in own for own in _OF_THE_MACHINE):
            return False
        if not (meant in network if network is not None else meant.is_global):
            return False
    return True


def _meant(address: Address) -> Iterator[Address]:
    """What an address leads to: IPv6 has several ways to write one of IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        within = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _TRANSLATED:
            within.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        written = [meant for meant in within if meant is not None]
        if written:
            yield from written
            return
    yield address
