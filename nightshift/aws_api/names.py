"""The names of operations and waiters in Python: `describe_db_instances` for DescribeDBInstances."""

from __future__ import annotations

import re
from functools import cache

_ONE_WORD = {
    "iSCSI": "Iscsi",
    "HITs": "Hits",
    "PartiQL": "Partiql",
    "OAuth2": "Oauth2",
    "WhatsApp": "Whatsapp",
    "OTel": "Otel",
}
"""Names that capitals would cut into several words."""


@cache
def snake(name: str) -> str:
    """The name as boto3's clients have it (botocore's `xform_name`; a test compares the names of all operations)."""
    if "_" in name:
        return name
    for word, written in _ONE_WORD.items():
        # "Volumes" of iSCSIVolume begins a word of its own.
        name = name.replace(word, f"_{written}_")
    if plural := re.search(r"[A-Z0-9]{2,}s$", name):
        name = f"{name[: plural.start()]}_{plural[0].lower()}"
    words = re.sub(r"([^_])([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"_+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words)).strip("_").lower()
