"""Which hosts an app may reach, and at which addresses."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.outside.hosts import HOSTS, addresses, find, hosts
from lambdas.parts import http as parts
from tests.parts.driver import TestAws, drive
from tests.parts.http.receiver import NAME, Receiver


@pytest.mark.parametrize(
    ("listed", "name", "port", "meant"),
    [
        ("hooks.example.com", "hooks.example.com", 443, True),
        ("Hooks.Example.com", "hooks.example.com", 443, True),
        ("hooks.example.com", "hooks.example.com", 8443, False),
        ("hooks.example.com:8443", "hooks.example.com", 8443, True),
        ("hooks.example.com", "x.hooks.example.com", 443, False),
        ("hooks.example.com", "hooks.example.com.evil.example", 443, False),
        ("*.example.com", "a.b.example.com", 443, True),
        ("*.example.com", "example.com", 443, False),
        ("*.example.com", "badexample.com", 443, False),
    ],
)
def test_a_host_is_meant_by_its_whole_name_and_port(listed: str, name: str, port: int, *, meant: bool) -> None:
    assert (find(hosts([listed]), name, port) is not None) is meant


@pytest.mark.parametrize(
    "text",
    ["", "*", "*.com.", "127.0.0.1", "127.1", "[::1]", "::1", "localhost", "a b.example.com", "https://a.example.com",
     "a.example.com/x", "a.example.com@10.0.0.1/8", "a.example.com@x", "a.example.com:123456"],
)  # fmt: skip
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        hosts([text])


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "127.0.0.1",
        "0.0.0.0",
        "100.64.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "fc00::1",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
    ],
)
@pytest.mark.parametrize("others", [[], ["93.184.215.14"]])
def test_an_address_that_is_not_public_is_refused(
    resolves: dict[str, list[str]], address: str, others: list[str]
) -> None:
    resolves[NAME] = [*others, address]
    with pytest.raises(InvalidParameter, match="private or special"):
        addresses(hosts([NAME])[0], NAME)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e"])
def test_a_public_one_is_not(resolves: dict[str, list[str]], address: str) -> None:
    resolves[NAME] = [address]
    assert addresses(hosts([NAME])[0], NAME) == [address]


def test_a_network_of_the_company_may_be_reached_and_nothing_beside_it(resolves: dict[str, list[str]]) -> None:
    (inside,) = hosts([f"{NAME}@10.20.0.0/16"])
    resolves[NAME] = ["10.20.3.4"]
    assert addresses(inside, NAME) == ["10.20.3.4"]
    for address in ("10.21.0.1", "93.184.215.14"):
        resolves[NAME] = [address]
        with pytest.raises(InvalidParameter, match=r"outside of 10\.20\.0\.0/16"):
            addresses(inside, NAME)
    (everything,) = hosts([f"{NAME}@0.0.0.0/0"])
    resolves[NAME] = ["169.254.169.254"]
    with pytest.raises(InvalidParameter, match="private or special"):
        addresses(everything, NAME)


def test_the_name_is_resolved_once_and_the_connection_goes_there(
    aws: TestAws, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that has another address at each question leads nowhere else."""
    resolve, asked = socket.getaddrinfo, []

    def rebinding(host: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        there = NAME if host != NAME or asked.count(NAME) == 1 else "169.254.169.254"
        return resolve(there if host == NAME else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert drive(parts.request, aws, {"url": receiver.url()}).result["status"] == 200
    assert asked.count(NAME) == 1


def test_an_app_without_hosts_reaches_none(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOSTS, raising=False)
    with pytest.raises(InvalidParameter, match=r"hooks\.example\.com is no host .* \(none\); add it to http_hosts"):
        drive(parts.request, aws, {"url": f"https://{NAME}/"})
