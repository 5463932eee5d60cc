"""`nightshift part new`: a part for an operation of AWS, and its test, to begin with.

What boto3 knows of the operation decides the parameters, the actions of IAM, and how the part sees that it is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from keyword import iskeyword
from pathlib import Path
from typing import Any

from lambdas.contract.errors import NightshiftError
from nightshift.cli.project.part_texts import PLAIN, PLAIN_TEST, POLLED, POLLED_TEST, SERVICE, filled

_TYPES = {"string": "str", "integer": "int", "long": "int", "boolean": "bool", "float": "float", "double": "float"}
_VALUES = {"str": '"one"', "int": "1", "bool": "True", "float": "1.0", "list[str]": '["one"]'}

_STATES = {
    "Stop": ("stopping", "stopped", "available"),
    "Start": ("starting", "available", "stopped"),
}
"""First word of an operation -> the state while it is under way, the one when it is done, and one from before: those of
most services, to be corrected in the part."""


class CannotBegin(NightshiftError):
    """No part of that name can be begun."""


@dataclass(frozen=True)
class Poll:
    """How a part sees the state. operation: such as "DescribeDBInstances"; listed, status: members of its answer."""

    operation: str
    listed: str
    status: str


def begin_part(name: str, project: Path) -> list[Path]:
    """Write a part, its test, and where type checkers find it; the files written.

    name: "rds.stop_db_instance". Raises CannotBegin for a name that none can have or an operation that the service has
    not, and when a file is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", name) or name.startswith("nightshift."):
        raise CannotBegin(f"{name!r} is no name of a part; write SERVICE.OPERATION, as in rds.stop_db_instance")
    service, _, function = name.partition(".")
    if iskeyword(service) or iskeyword(function):
        raise CannotBegin(f"{name} cannot be written in Python, which has words of that name; write the part by hand")
    part, test = project / "parts" / service / f"{function}.py", project / "tests" / f"test_{service}_{function}.py"
    for path in (part, test):
        if path.exists():
            raise CannotBegin(f"nothing was written, as there is already {path}")
    texts = _texts(service, function)
    package = part.parent / "__init__.py"
    line = f"    from parts.{service}.{function} import {function} as {function}\n"
    known = package.read_text(encoding="utf-8") if package.is_file() else filled(SERVICE, service=service)
    for begun in ("if TYPE_CHECKING:\n    pass\n", "if TYPE_CHECKING:\n"):
        if begun in known:
            known = known.replace(begun, f"if TYPE_CHECKING:\n{line}", 1)
            break
    for path, text in {package: known, part: texts[0], test: texts[1]}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [part, package, test]


def _texts(service: str, function: str) -> tuple[str, str]:
    """The part and its test. Raises CannotBegin."""
    import botocore.session
    from botocore import xform_name

    session = botocore.session.get_session()
    if service not in session.get_available_services():
        near = get_close_matches(service.replace("_", "-"), session.get_available_services(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise CannotBegin(f"boto3 has no service {service!r}{hint}")
    model = session.get_service_model(service)
    operations = {xform_name(operation): operation for operation in model.operation_names}
    if function not in operations:
        near = get_close_matches(function, operations, n=3)
        raise CannotBegin(f"{service} has no operation {function}; " + (f"did you mean {', '.join(near)}?" if near else
                          "name the part after the operation that it carries out"))  # fmt: skip
    operation = model.operation_model(operations[function])
    required = _required(operation)
    params = {xform_name(member): _type(shape) for member, shape in required.items()}
    sent = {member: xform_name(member) for member in required}
    documented = "\n".join(f"    {name}: {member} of {operation.name}." for member, name in sent.items())
    given: dict[str, Any] = {
        "service": service,
        "function": function,
        "operation": operation.name,
        "result": "".join(word.capitalize() for word in function.split("_")) + "Result",
        "prefix": model.signing_name,
        "signature": "".join(f"{name}: {kind}, " for name, kind in params.items()),
        "docs": f"\n\n    Parameters:\n{documented}\n    " if documented else "",
        "sent": ", ".join(f"{member}={name}" for member, name in sent.items()),
        "values": ", ".join(f"{name}={_VALUES.get(kind, '{}')}" for name, kind in params.items()),
        "id": next((name for name, kind in params.items() if kind == "str"), '"all"'),
        "reads": operation.name.startswith(("Describe", "Get", "List")),
    }
    verb = re.match(r"[A-Z][a-z]+", operation.name)
    states = _STATES.get(verb[0] if verb else "")
    first = next(iter(required), "")
    poll = _poll(model, operation.name.removeprefix(verb[0] if verb else ""), first) if states else None
    if poll is None or states is None:
        return filled(PLAIN, **given), filled(PLAIN_TEST, **given)
    given |= dict(zip(("underway", "wanted", "before"), states, strict=True))
    given |= {"poll": poll.operation, "poll_method": xform_name(poll.operation), "listed": poll.listed}
    given |= {"status": poll.status, "member": first}
    return filled(POLLED, **given), filled(POLLED_TEST, **given)


def _required(operation: Any) -> dict[str, Any]:
    """The shapes of the members that a request has to have."""
    shape = operation.input_shape
    return {} if shape is None else {member: shape.members[member] for member in shape.required_members}


def _type(shape: Any) -> str:
    if shape.type_name == "list":
        return "list[str]" if shape.member.type_name == "string" else "list[Any]"
    return _TYPES.get(shape.type_name, "dict[str, Any]")


def _poll(model: Any, noun: str, identifier: str) -> Poll | None:
    """The operation that describes one thing by its identifier, with its state, if there is one."""
    name = next((n for n in (f"Describe{noun}s", f"Describe{noun}es") if n in model.operation_names), None)
    if name is None:
        return None
    operation = model.operation_model(name)
    member = (operation.input_shape.members if operation.input_shape else {}).get(identifier)
    if member is None or member.type_name != "string":
        return None
    for listed, shape in operation.output_shape.members.items():
        if shape.type_name == "list" and shape.member.type_name == "structure":
            inner = shape.member.members
            status = next((m for m in inner if m in (f"{noun}Status", "Status", f"{noun}State", "State")), None)
            if status is not None and inner[status].type_name == "string" and identifier in inner:
                return Poll(name, listed, status)
    return None
