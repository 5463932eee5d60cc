"""The mails that were sent through the local AWS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from nightshift.local.aws import LocalAws
from nightshift.local.json_http import get


@dataclass(frozen=True)
class Mail:
    """A mail as SES took it. html is "" for a mail without."""

    message_id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    sent: datetime


def sent_mail(local: LocalAws) -> list[Mail]:
    """All mails sent since the local AWS was brought up, oldest first."""
    answer = get(f"{local.ministack.url}/_ministack/ses/messages?account={local.account}")
    mails = [
        Mail(
            message_id=message["MessageId"],
            sender=message["Source"],
            to=tuple(message["To"]),
            subject=message["Subject"],
            text=message["BodyText"],
            html=message["BodyHtml"] or "",
            sent=_moment(message["Timestamp"]),
        )
        for message in answer["messages"].get(local.account, [])
    ]
    return sorted(mails, key=lambda mail: mail.sent)


def _moment(stamp: str | float) -> datetime:
    if isinstance(stamp, int | float):
        return datetime.fromtimestamp(stamp, UTC)
    moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
