"""The marks on what parts make: whose it is, and which call made it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from lambdas.contract.part import Call, Run
from lambdas.engine.selection import tag_map

FLOW, RUN, CALL = "nightshift:flow", "nightshift:run", "nightshift:call"
"""Tags on what a part makes: whose it is (rotation), and which call made it (idempotency)."""

_MOST_TAGS = 50
_TOKEN = 64
"""Characters of a client token ("Ensuring idempotency in Amazon EC2 API requests", Amazon EC2 Developer Guide)."""


def tags_for(run: Run, origin: dict[str, str], travelling: Any) -> tuple[list[dict[str, str]], int]:
    """Tags of something new: nightshift's own, then those that travel; and how many of the latter did not fit.

    Tags of AWS services ("aws:...") cannot be set. Amazon EC2 User Guide, "Tag your Amazon EC2 resources".

    origin: what it is made of, by tag key ({VOLUME: "vol-1"}).
    travelling: the tags of what it is made of, as EC2 gives them.
    """
    own = {FLOW: run.flow, RUN: run.id, CALL: run.key, **origin}
    own = {key: tag_value(value) for key, value in own.items()}
    travel = {k: v for k, v in tag_map(travelling).items() if not k.startswith(("aws:", "nightshift:"))}
    fitting = dict(list(travel.items())[: _MOST_TAGS - len(own)])
    return [{"Key": k, "Value": v} for k, v in {**own, **fitting}.items()], len(travel) - len(fitting)


def tag_value(text: str) -> str:
    """`text` in the characters and length that a tag takes."""
    return re.sub(r"[^\w +\-=.:/@]", "_", text)[:256]


def call_filter(call: Call) -> dict[str, list[str]]:
    """The filter for what this call has made."""
    return {f"tag:{RUN}": [tag_value(call.run.id)], f"tag:{CALL}": [tag_value(call.run.key)]}


def client_token(call: Call, target: str) -> str:
    """The same for every attempt of the same call to make something of the same target, and no other."""
    return hashlib.sha256(f"{call.run.id} {call.run.key} {target}".encode()).hexdigest()[:_TOKEN]
