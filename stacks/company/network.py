"""How the functions reach AWS: from subnets of a company, through its proxy, at endpoints of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stacks.company.given import entries, matched, texts

_NEVER = ("localhost", "127.0.0.1", "169.254.0.0/16")
"""What is in the function's own machine: the interface of the runtime, the daemon of X-Ray."""

_MOST_GROUPS, _MOST_SUBNETS = 5, 16
"""Of "VpcConfig", AWS Lambda API Reference."""


@dataclass(frozen=True)
class Vpc:
    """Where the functions are. subnets, security_groups: their ids."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]

    @classmethod
    def of(cls, value: Any) -> Vpc:
        """As the context has it. Raises ValueError."""
        given = entries("vpc", value, known=("subnets", "security_groups"))
        made = cls(*(texts(f"vpc: {name}", given.get(name, [])) for name in ("subnets", "security_groups")))
        _check_ids("subnets", made.subnets, "subnet", _MOST_SUBNETS)
        _check_ids("security_groups", made.security_groups, "sg", _MOST_GROUPS)
        return made


def proxy(value: Any) -> str:
    """The address of a proxy. Raises ValueError; for one with a password, too, which everybody would read."""
    address = urlsplit(value if isinstance(value, str) else "")
    if address.password or address.username:
        raise ValueError(
            "context proxy has a user name in it, which everybody reads who sees the functions' settings; "
            "let the proxy know the functions by their subnets"
        )
    if address.scheme not in ("http", "https") or not address.hostname or address.path not in ("", "/"):
        raise ValueError(f"context proxy is {value!r}; write its address, such as http://proxy.example.com:3128")
    return str(value)


def no_proxy(value: Any) -> tuple[str, ...]:
    """The hosts that are reached without the proxy. Raises ValueError."""
    hosts = texts("no_proxy", value)
    for host in hosts:
        matched(
            "no_proxy", host, r"\*?\.?[A-Za-z0-9][A-Za-z0-9.:/-]*", "hosts, domains such as .example.com, or addresses"
        )
    return hosts


def endpoints(value: Any) -> dict[str, str]:
    """Endpoint by service, as boto3 names it. Raises ValueError."""
    from botocore.session import get_session

    given = entries("endpoints", value)
    known = set(get_session().get_available_services())
    for service, url in given.items():
        if service not in known:
            raise ValueError(f"context endpoints names {service!r}; write the name that boto3 has for it, such as ec2")
        matched(f"endpoints: {service}", url, r"https?://[^/\s]+/?", "an address such as https://vpce-1.example.com")
    return given


def environment(address: str, exceptions: Iterable[str], own: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that lead the functions there; botocore and urllib read them.

    address: of the proxy, or "". exceptions: hosts reached without it. own: endpoint by service.
    Sources: "Using an HTTP or HTTPS proxy" and "Service-specific endpoints" (AWS SDKs and Tools Reference Guide).
    """
    made: dict[str, str] = {}
    if address:
        made |= {"HTTPS_PROXY": address, "NO_PROXY": ",".join((*_NEVER, *exceptions))}
    if own:
        made["NIGHTSHIFT_HOME_ENDPOINTS"] = " ".join(sorted(own))
        made |= {f"AWS_ENDPOINT_URL_{_variable(service)}": url for service, url in sorted(own.items())}
    return made


def _variable(service: str) -> str:
    """The end of the variable's name: the id of the service, in capitals."""
    from botocore.session import get_session

    return get_session().get_service_model(service).service_id.upper().replace(" ", "_").replace("-", "_")


def _check_ids(name: str, ids: tuple[str, ...], kind: str, most: int) -> None:
    if not 1 <= len(ids) <= most:
        raise ValueError(f"context vpc: {name} has {len(ids)} entries; write 1 to {most}")
    for id_ in ids:
        matched(f"vpc: {name}", id_, rf"{kind}-[0-9a-f]{{8,17}}", f"ids such as {kind}-0123456789abcdef0")
