"""Mail addresses: those a flow writes, and that of the app."""

from __future__ import annotations

import os
import re

from lambdas.contract.errors import InvalidParameter

# Amazon SES API v2, "Destination": an address may have a display name, "Jane Doe <jane@example.com>" (RFC 5322).
_ENTRY = re.compile(r'(?:"[^"]*"|[^";,\n])+')
_BARE = re.compile(r"<([^<>]*)>\s*$")
_ADDRESS = re.compile(r"[^\s,;:<>()\"']+@[^\s,;:<>()\"']+")


def mail_sender() -> str:
    """The address that the app's mails are from. Raises InvalidParameter when none is configured."""
    sender = os.environ.get("NIGHTSHIFT_MAIL_FROM", "")
    if not sender:
        raise InvalidParameter("no sender is configured: deploy with -c mail_from=ADDRESS, verified in SES")
    return sender


def recipients(to: str | list[str] | None) -> list[str]:
    """Addresses without repetition. In a text ";", "," or a line break is between them; without names, also a blank."""
    entries: list[str] = []
    for entry in _ENTRY.findall(to) if isinstance(to, str) else to or []:
        entries += [entry] if "<" in entry or not isinstance(to, str) else entry.split()
    return list(dict.fromkeys(entry.strip() for entry in entries if entry.strip()))


def named_in(message: str, addresses: list[str]) -> list[str]:
    """Those of the addresses that a message names, as a whole, whatever their display name and case."""
    named = {found.rstrip(".").casefold() for found in _ADDRESS.findall(message)}
    return [address for address in addresses if _bare(address) in named]


def _bare(address: str) -> str:
    inside = _BARE.search(address)
    return (inside[1] if inside else address).strip().casefold()
