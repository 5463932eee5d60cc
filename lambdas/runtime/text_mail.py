"""Mails of text, as the functions of the app send them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class TextMail:
    """A mail of text. subject: of which the first 200 characters are sent."""

    subject: str
    text: str

    def send(self, ses: Any, sender: str, to: Sequence[str]) -> None:
        """Send it. ses: client of the Amazon SES API v2. sender, to: addresses. Raises ClientError."""
        content = {"Subject": _utf8(self.subject[:_LONGEST_SUBJECT]), "Body": {"Text": _utf8(self.text)}}
        ses.send_email(FromEmailAddress=sender, Destination={"ToAddresses": list(to)}, Content={"Simple": content})


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
