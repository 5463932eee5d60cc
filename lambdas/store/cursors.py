"""Cursors: where the next page of a list begins, as text that a URL can hold.

A list is sorted by places, "moment#more"; a page begins behind a place, whatever has come or gone since.
"""

from __future__ import annotations

import base64
from datetime import datetime

from lambdas.contract.errors import InvalidParameter


def cursor_of(place: str) -> str:
    """The cursor of the page behind a place."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str, listed: str) -> str:
    """The place in a cursor. listed: what gives such cursors, for the message. Raises InvalidParameter."""
    try:
        place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        if datetime.fromisoformat(place.partition("#")[0]).tzinfo is None:
            raise ValueError(place)
    except ValueError:
        raise InvalidParameter(f"cursor is not one that {listed} gave; leave it out to start anew") from None
    return place
