"""Types of what AWS takes and answers, by the shapes of its models."""

from __future__ import annotations

from nightshift.aws_api.models import Model
from nightshift.compiler.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    SECRET,
    STR,
    RecordType,
    Type,
    dict_of,
    list_of,
)

_SCALARS = {
    "string": STR,
    "character": STR,
    "timestamp": STR,
    "blob": STR,
    "integer": INT,
    "long": INT,
    "float": FLOAT,
    "double": FLOAT,
    "bigdecimal": FLOAT,
    "boolean": BOOL,
}


def output_type(model: Model, shape: str) -> Type:
    """The type of an answer: records whose fields AWS may leave out, timestamps as ISO 8601, bytes as an S3 URI."""
    if not shape:
        return RecordType("nothing", (), lenient=True)
    return _Types(model).of(shape)


class _Types:
    """The types of one answer. A shape that contains itself is of any type where it comes again."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._made: dict[str, Type] = {}

    def of(self, name: str) -> Type:
        """The type of a shape."""
        if name not in self._made:
            self._made[name] = ANY
            self._made[name] = self._of(name)
        return self._made[name]

    def _of(self, name: str) -> Type:
        shape = self._model.shape(name)
        kind = shape["type"]
        if kind == "list":
            return list_of(self.of(shape["member"]["shape"]))
        if kind == "map":
            return dict_of(self.of(shape["value"]["shape"]))
        if kind != "structure":
            return _SCALARS[kind]
        if shape.get("document"):
            return ANY
        members = self._model.members(name).values()
        fields = tuple(
            (m.name, SECRET if m.secret and not self._is_blob(m.shape) else self.of(m.shape)) for m in members
        )
        return RecordType(name, fields, lenient=True)

    def _is_blob(self, shape: str) -> bool:
        return bool(self._model.shape(shape)["type"] == "blob")
