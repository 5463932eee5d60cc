"""A company's rules about what is deployed: its key, its tags, and how the table is backed up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from stacks.company.given import entries, matched

_KEY = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+"
_SCHEDULE = r"(cron|rate)\(.+\)"
_VAULT = r"[A-Za-z0-9_-]{2,50}"
"""Of "CreateBackupVault", AWS Backup API Reference."""

_MOST_TAGS = 40
"""A resource has 50 ("Tag naming limits and requirements", Tagging AWS Resources), nightshift and AWS some of them."""


@dataclass(frozen=True)
class Backup:
    """How AWS Backup backs the table up.

    days: how long a backup is kept. schedule: cron or rate expression of AWS Backup, in UTC. vault: name of a vault of
    the company; without one the app has its own.
    """

    days: int
    schedule: str = "cron(0 5 * * ? *)"
    vault: str = ""

    @classmethod
    def of(cls, value: Any) -> Backup:
        """As the context has it. Raises ValueError."""
        given = entries("backup", value, known=("days", "schedule", "vault"))
        days = given.get("days")
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 36500:
            raise ValueError(f"context backup: days is {days!r}; write 1 to 36500 days that a backup is kept")
        made = cls(days, given.get("schedule", cls.schedule), given.get("vault", ""))
        matched("backup: schedule", made.schedule, _SCHEDULE, "an expression such as cron(0 5 * * ? *)")
        if made.vault:
            matched("backup: vault", made.vault, _VAULT, "the name of a vault, 2 to 50 letters, digits, - and _")
        return made


def key_arn(value: Any) -> str:
    """The ARN of a key. An alias would do for some services and not for all. Raises ValueError."""
    return matched(
        "key_arn", value, _KEY, "the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID; an alias is not taken everywhere"
    )


def tags(value: Any) -> dict[str, str]:
    """Tags of everything. Raises ValueError for those AWS would refuse or that are nightshift's own."""
    given = entries("tags", value)
    if len(given) > _MOST_TAGS:
        raise ValueError(f"context tags has {len(given)} tags; write at most {_MOST_TAGS}")
    for key, text in given.items():
        if re.match("(?i)aws:|nightshift:", key) or not re.fullmatch(r"[\w .:/=+@-]{1,128}", key):
            raise ValueError(
                f"context tags: {key!r} cannot be a key; write 1 to 128 letters, digits, blanks and . : / = + - @ _, "
                "not beginning with aws: or nightshift:"
            )
        matched(f"tags: {key}", text, r"[\w .:/=+@-]{0,256}", "at most 256 letters, digits, blanks and . : / = + - @ _")
    return given
