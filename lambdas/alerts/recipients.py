"""Who is told: mail addresses, SNS topics and webhooks, as a flow or the settings of an app name them."""

from __future__ import annotations

import re
from typing import Any

from lambdas.alerts.webhook import is_webhook, webhook
from lambdas.contract.errors import InvalidParameter, shown
from lambdas.engine.recipients import recipients

MOST = 20
"""Of a flow: each gets a message of its own. A distribution list is one address."""

_WRITE = 'write a mail address, the ARN of an SNS topic, a URL of HTTPS, or a list of them: notify=["ops@example.com"]'
_ADDRESS = re.compile(r"[!#-'*+/-9=?A-Z^-~-]+(\.[!#-'*+/-9=?A-Z^-~-]+)*@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]*[A-Za-z]")
"""Amazon SES API v2, "Destination": the 7-bit ASCII of RFC 5322; a domain in other letters is written as Punycode."""
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z]{2}[a-z0-9-]*-\d+:\d{12}:[A-Za-z0-9_-]{1,256}")


def told(notify: Any) -> tuple[str, ...]:
    """Those that a value of `notify` names, each once, in a list or in a text with commas.

    Raises InvalidParameter, which says what is wrong with which of them.
    """
    if not isinstance(notify, str) and not (
        isinstance(notify, list | tuple) and all(isinstance(one, str) for one in notify)
    ):
        raise InvalidParameter(f"notify is {shown(notify)}; {_WRITE}")
    named = recipients(notify if isinstance(notify, str) else [part for one in notify for part in recipients(one)])
    if isinstance(notify, str) and not named:
        raise InvalidParameter(f"notify is {notify!r}; {_WRITE}, or [] for nobody")
    for one in named:
        _check(one)
    if len(named) > MOST:
        raise InvalidParameter(f"notify names {len(named)}, at most {MOST} are told; write a distribution list")
    return tuple(named)


def is_topic(recipient: str) -> bool:
    """Whether one of those that `told` gave is an SNS topic."""
    return recipient.startswith("arn:")


def is_address(recipient: str) -> bool:
    """Whether one of those that `told` gave is a mail address, which needs Amazon SES."""
    return not is_topic(recipient) and not is_webhook(recipient)


def _check(one: str) -> None:
    if is_webhook(one):
        try:
            webhook(one)
        except InvalidParameter as error:
            raise InvalidParameter(f"notify names {one!r}: {error}") from None
        return
    if not one.startswith("arn:"):
        if not _ADDRESS.fullmatch(one):
            raise InvalidParameter(f"notify names {one!r}, which is no mail address; {_WRITE}")
        return
    fields = one.split(":")
    service = fields[2] if len(fields) > 2 else ""
    if service != "sns":
        raise InvalidParameter(f"notify names {one!r}, an ARN of {service or 'nothing'} and not of SNS; {_WRITE}")
    if len(fields) == 7:
        topic = ":".join(fields[:6])
        raise InvalidParameter(f"notify names {one!r}, which is a subscription; write the topic's ARN {topic}")
    if one.endswith(".fifo"):
        raise InvalidParameter(
            f"notify names {one!r}; a FIFO topic delivers to queues only, and no chat, mail or pager: write another"
        )
    if not _TOPIC.fullmatch(one):
        raise InvalidParameter(f"notify names {one!r}, no ARN of a topic; write arn:aws:sns:REGION:ACCOUNT:NAME")
