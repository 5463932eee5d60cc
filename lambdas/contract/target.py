"""A place in an organization where a part acts: an account, one of its Regions, and the role there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lambdas.contract.aws_errors import DENIED
from lambdas.contract.causes import place_of
from lambdas.contract.errors import InvalidParameter, PartError

MEMBER_ROLE = "NIGHTSHIFT_MEMBER_ROLE"
"""The environment variable with the name of the role that the accounts of the organization have for the app."""
USUAL_MEMBER_ROLE = "nightshift-member"
"""What the role is called where no app says so, as in a test."""

_SAYS_OFF = re.compile(
    r"\b(AuthFailure|OptInRequired|UnrecognizedClientException|InvalidClientTokenId|RegionDisabledException)\b"
)
"""How services refuse credentials in a Region that the account has not enabled ("Specify which AWS Regions your account
can use", AWS Account Management Reference Guide; "AssumeRole", AWS STS API Reference)."""

_SAYS_DENIED = re.compile("|".join(rf"\b{code}\b" for code in sorted(DENIED)))
_SAYS_BY_WHOM = re.compile("with an explicit deny in an? ([a-z- ]*policy)")
"""The end of AWS's message when a policy denies ("Access denied error messages", IAM User Guide)."""

_IN_THE_WAY = ("region", "role_arn", "credentials_secret")

EVERYWHERE = ("accounts", "regions")
"""What a call of a part takes besides its parameters, to act in each of them."""

RAILS = ("at_most", "distributed", "max_failures", "stop_on_alarm", "on_failure")
"""What such a call says of the account-Regions rather than of the resources in each."""


@dataclass(frozen=True)
class Target:
    """An account and a Region to act in.

    account: its 12 digits. name: what AWS Organizations calls it. region: "eu-west-1".
    role_arn: the role to assume there; "" for the app's own account.
    """

    account: str
    name: str
    region: str
    role_arn: str


def whose(target: Mapping[str, Any]) -> str:
    """The account of a target, "dev (123456789012)"; "" for the Regions of the app's own account."""
    return f"{target['name']} ({target['account']})" if target["account"] else ""


def where(target: Mapping[str, Any]) -> str:
    """ "dev (123456789012), eu-west-1"; "eu-west-1" in the app's own account."""
    return ", ".join(filter(None, (whose(target), target["region"])))


def check_target(params: Mapping[str, Any]) -> None:
    """Refuse a target beside what it says itself. Raises InvalidParameter."""
    both = [name for name in _IN_THE_WAY if params.get(name)]
    if params.get("target") and both:
        raise InvalidParameter(f"target says the account and the Region; leave out {both[0]}, or write it instead")


def check_everywhere(part: str, params: Iterable[str]) -> None:
    """Refuse what says the place twice. part: its name. Raises InvalidParameter."""
    both = [name for name in params if name in ("target", *_IN_THE_WAY)]
    if both:
        raise InvalidParameter(f"accounts= and regions= of {part} say where it acts; leave out {both[0]}")


def placed(error: PartError, target: Mapping[str, Any]) -> PartError:
    """The error with where it happened, and what to do when the way there is what failed.

    An account that lets nobody in is named without its Region: the text is the same in each, and is told once.
    """
    text = str(error)
    if "sts:AssumeRole" in text and target["role_arn"]:
        role = target["role_arn"].rpartition("/")[2]
        said = (
            f"{whose(target)}: the account does not let the app in by the role {role}. Deploy there what `nightshift "
            "member-template` prints, with this app's organization and external id; exclude an account that is "
            f"suspended.\n{text}"
        )
    elif _SAYS_OFF.search(text):
        said = f"{where(target)}: the Region may be off in this account: enable it, or leave it out.\n{text}"
    else:
        said = f"{where(target)}: {text}{_advice(text, target)}"
    failures = [replace(f, message=f"{f.message} ({where(target)})") for f in error.failures]
    return type(error)(said, failures, place_of(target))


def _advice(text: str, target: Mapping[str, Any]) -> str:
    if not _SAYS_DENIED.search(text) or not target["role_arn"]:
        return ""
    if by := _SAYS_BY_WHOM.search(text):
        return f"\nA {by[1]} forbids it in account {target['account']}: change it, or exclude the account."
    return f"\nThe role in account {target['account']} may be older than the flow: deploy `nightshift member-template`."
