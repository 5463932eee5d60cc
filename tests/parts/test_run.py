"""Each part of the catalogue is run by a flow that the tests in tests/e2e deploy and start with `nightshift run`."""

from __future__ import annotations

import re
from pathlib import Path

from lambdas.parts import all_parts

FLOWS = Path(__file__).parents[1] / "e2e" / "flow_defs"
BESIDES = {
    "organizations.list_accounts": "the compiler calls it for accounts(...), which tests/e2e/test_accounts.py runs"
}
"""Part that no flow there calls by its name -> what runs it."""


def test_every_part_is_run() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(FLOWS.glob("*.py")))
    missing = {name for name in all_parts() if not re.search(rf"\b{re.escape(name)}\(", text)}
    assert missing == set(BESIDES)
