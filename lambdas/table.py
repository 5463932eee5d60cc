"""The DynamoDB table of the app: what has to be remembered between runs.

One table for everything, because each thing is found by its key: `pk` says what it is and whose, `sk` which one.
docs/design.md, "The table", lists the keys and who writes them.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any


@cache
def table() -> Any:
    """The table as boto3 has it (`boto3.resource("dynamodb").Table`); its name is in NIGHTSHIFT_TABLE."""
    import boto3

    return boto3.resource("dynamodb").Table(os.environ["NIGHTSHIFT_TABLE"])
