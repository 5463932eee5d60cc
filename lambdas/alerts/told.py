"""Who was told of what: each is told once, and one who could not be told is tried again.

Whoever is about to tell claims it in the table first. A claim that was not kept, because the function died before it
had an answer, ends by itself: then somebody is told twice rather than never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_KEPT_DAYS = 30
"""After that nobody tells of the run again: what ended more than a day ago is not told."""

CLAIM_SECONDS = 60
"""How long a claim stands; the function runs no longer."""


@dataclass(frozen=True)
class Claims:
    """The claims about an occasion. run: its id. occasion: what is told of it, a word. now: seconds since the epoch."""

    table: Any
    run: str
    occasion: str
    now: float

    def claim(self, recipient: str) -> bool:
        """Take it on to tell somebody; False when it was told, or another is about to."""
        try:
            self._write(
                recipient,
                sent=False,
                until=int(self.now) + CLAIM_SECONDS,
                ConditionExpression="attribute_not_exists(pk) OR (sent = :no AND #until < :now)",
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues={":no": False, ":now": int(self.now)},
            )
        except self.table.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def keep(self, recipient: str) -> None:
        """Note that somebody was told, or can never be."""
        self._write(recipient, sent=True, until=0)

    def give_back(self, recipient: str) -> None:
        """Let the next try tell somebody who could not be told now."""
        self._write(recipient, sent=False, until=0)

    def _write(self, recipient: str, *, sent: bool, until: int, **condition: Any) -> None:
        key = {"pk": f"TOLD#{self.run}", "sk": f"{self.occasion}#{recipient}"}
        expires = int(self.now) + _KEPT_DAYS * 86400
        self.table.put_item(Item={**key, "sent": sent, "until": until, "expires": expires}, **condition)
