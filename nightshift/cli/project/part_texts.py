"""The texts that `nightshift part new` fills: of a part that waits, of one that is done at once, and of their tests."""

from __future__ import annotations

import re
from typing import Any

SERVICE = '''"""Parts for @service@."""

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    pass

load_when_used(__name__)
'''

_HEAD = '''"""@operation@ of @service@."""

from __future__ import annotations

@json@from dataclasses import dataclass
from typing import Any, Unpack

'''

_DECLARED = '''

@dataclass
class @result@(Result):
    """Result of @service@.@function@.

    changed: what this call has changed.
    """


'''

POLLED = (
    _HEAD
    + "from lambdas.contract.part import Allow, Call, Common, Pending, Result, Skipped, part"
    + '''

WANTED, UNDERWAY = "@wanted@", "@underway@"
"""The @status@ in which it is done, and the one on the way there."""
'''
    + _DECLARED
    + '''@part(
    allow=(
        # Name the resources: ("arn:${AWS::Partition}:@prefix@:*:${AWS::AccountId}:...",) as the second argument.
        Allow(("@prefix@:@poll@", "@prefix@:@operation@")),
    ),
)
def @function@(
    call: Call, *, @signature@**common: Unpack[Common]
) -> @result@ | Pending:
    """Carry out @operation@ of @service@, and wait until it has happened.@docs@"""
    client = call.client("@service@")
    found = client.@poll_method@(@member@=@id@)["@listed@"]
    status = found[0]["@status@"]
    result = @result@(matched=[@id@], summary=f"{@id@} is {WANTED}")
    if status == WANTED and not call.state:
        result.skipped = [Skipped(@id@, f"already {WANTED}")]
        return result
    if status == WANTED or call.dry_run:
        result.changed = [@id@]
        return result
    if not call.state and status != UNDERWAY:
        client.@function@(@sent@)
    return Pending({"asked": True}, f"{@id@} to be {WANTED}")
'''
)

PLAIN = (
    _HEAD
    + "from lambdas.contract.part import Allow, Call, Common, Result, part\n"
    + _DECLARED
    + '''@part(
    allow=(
        # Name the resources: ("arn:${AWS::Partition}:@prefix@:*:${AWS::AccountId}:...",) as the second argument.
        Allow(("@prefix@:@operation@",)),
    ),
    waits=False,
)
def @function@(
    call: Call, @star@@signature@**common: Unpack[Common]
) -> @result@:
    """Carry out @operation@ of @service@.@docs@"""
    result = @result@(matched=[@id@], summary="@operation@ of @service@")
@call@
    return result
'''
)

_TEST = '''"""@service@.@function@ on a fleet in this process, with @service@ as this file says it is."""

from nightshift.testing import check_part
from parts import @service@


class Service:
    """Answers for @service@: add a method for each operation that the part calls."""

@methods@


def test_it_does_what_it_says_and_may_do_no_more(fleet):
    fleet.answer("@service@", Service())
    done = check_part(@service@.@function@, @values@)
    assert done.@seen@ == [@shown@]
'''

POLLED_TEST = _TEST.replace(
    "@methods@",
    """    status = "@before@"

    def @poll_method@(self, **sent):
        return {"@listed@": [{"@member@": "one", "@status@": self.status}]}

    def @function@(self, **sent):
        self.status = "@wanted@"
        return {}""",
).replace("@seen@", "changed")

PLAIN_TEST = _TEST.replace(
    "@methods@",
    """    def @function@(self, **sent):
        return {}""",
)


def filled(text: str, **given: Any) -> str:
    """A text with what stands between its @."""
    reads = bool(given.get("reads"))
    given["star"] = "*, " if given.get("signature") else ""
    given["seen"] = "matched" if reads else "changed"
    given["shown"] = '"all"' if given.get("id") == '"all"' else '"one"'
    ask = f'call.client("{given.get("service")}").{given.get("function")}({given.get("sent", "")})'
    if reads:
        given["call"] = (
            f"    answer = {ask}\n"
            "    # A result is JSON, and times are none.\n"
            f'    result.responses = {{"{given.get("operation")}": json.loads(json.dumps(answer, default=str))}}'
        )
    else:
        given["call"] = f"    if not call.dry_run:\n        {ask}\n    result.changed = [{given.get('id')}]"
    given["json"] = "import json\n" if reads else ""
    # What is not used is not imported.
    made = re.sub(r"@(\w+)@", lambda found: str(given[found[1]]), text)
    if not re.search(r"\bAny\b", made.replace("import Any, Unpack", "")):
        made = made.replace("import Any, Unpack", "import Unpack")
    return made
