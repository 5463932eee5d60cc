"""The XML of lists that grow with a fleet.

moto looks each member of the model up in each resource, and has xmltodict write what it found: over a second for 500
instances. Here it is what a client would read, written out. The protocol is that of "Amazon EC2 Query Protocol"
(smithy.io): a list is an element with its items in it, and a time has a fraction that is zero.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from moto.core.serialize import EC2Serializer

from nightshift.local.fleet.answers.parsed import Parsed

_LARGE = frozenset(
    ("DescribeImages", "DescribeInstances", "DescribeInstanceStatus", "DescribeSnapshots", "DescribeVolumes")
)

_moto_serialize: Any = EC2Serializer._serialize_result


def serialize_result(serializer: Any, answer: Any, result: Any) -> Any:
    """An answer of EC2, in the place of `EC2Serializer._serialize_result`. answer: of moto's, to be filled."""
    model = serializer.operation_model
    if model.name not in _LARGE:
        return _moto_serialize(serializer, answer, result)
    body = Parsed(model, False, serializer._value_picker).serialize(result)["body"]
    root = f"{model.name}Response"
    namespace = escape(model.metadata["xmlNamespace"])
    members = "".join(_members(body, model.output_shape))
    answer["body"] = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<{root} xmlns="{namespace}">{members}'
        f"<requestId>{serializer.context.request_id}</requestId></{root}>"
    )
    answer["headers"]["Content-Type"] = serializer.CONTENT_TYPE
    return answer


def _members(value: dict[str, Any], shape: Any) -> list[str]:
    members = _named(shape)
    return [_element(members[key][0], one, members[key][1]) for key, one in value.items()]


def _element(name: str, value: Any, shape: Any) -> str:
    kind = shape.type_name
    if kind == "structure":
        inside = "".join(_members(value, shape))
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        inside = "".join([_element(item, one, shape.member) for one in value])
    elif kind == "timestamp":
        inside = f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
    elif kind == "boolean":
        inside = "true" if value else "false"
    else:
        inside = escape(str(value))
    return f"<{name}>{inside}</{name}>"


@cache
def _named(shape: Any) -> dict[str, tuple[str, Any]]:
    """Of a structure, each member's name in XML and its shape."""
    return {key: (member.serialization.get("name", key), member) for key, member in shape.members.items()}
