"""JSONata as Step Functions evaluates it, on a virtual clock.

What the functions do is `sfnx.testing`'s, which was measured against Step Functions. Here each expression is parsed
once, and a simple one is evaluated without the interpreter: a year evaluates a million of them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any

import jsonata  # type: ignore[import-untyped]
import orjson
from jsonata.utils import Utils  # type: ignore[import-untyped]
from sfnx import testing

from nightshift.simulation.compiled import UNDEFINED, Unsure, Value, compiled

_PATH = re.compile(r"\s*\$([^\W\d]\w*)((?:\.[^\W\d]\w*)*)\s*")
_VARIABLE = re.compile(r"\$([^\W\d]\w*)")
_STATES = re.compile(r"\$states(?:\.([^\W\d]\w*))?")
_MISSING = object()


class Expressions:
    """Evaluates the expressions of state machines.

    now: tells the time in seconds since the epoch. random: for $random and $uuid.
    """

    def __init__(self, now: Callable[[], float], random: Random) -> None:
        self._now = now
        self._random = random
        self._parsed: dict[str, _Expression] = {}
        self._made: dict[int, tuple[Any, Value]] = {}

    def value(self, template: Any, variables: Mapping[str, Any], states: Mapping[str, Any]) -> Any:
        """A field of a state with all its expressions evaluated.

        template: of a definition, which must not change. states: what `$states` is there.
        Raises `sfnx.testing.Failure` with States.QueryEvaluationError.
        """
        made = self._made.get(id(template))
        if made is None:
            # The template stays with its function: no other object can come to have its id.
            made = self._made[id(template)] = template, self._function(template)
        return made[1](variables, states)

    def _function(self, template: Any) -> Value:
        """What evaluates a template, so that it is walked once."""
        if isinstance(template, str) and template.startswith("{%") and template.endswith("%}"):
            known = self._parsed.get(template)
            if known is None:
                known = self._parsed[template] = _Expression(template[2:-2])
            return partial(known.value, self)
        if isinstance(template, dict):
            fields = [(key, self._function(item)) for key, item in template.items()]
            return lambda variables, states: {key: value(variables, states) for key, value in fields}
        if isinstance(template, list):
            items = [self._function(item) for item in template]
            return lambda variables, states: [value(variables, states) for value in items]
        return lambda variables, states: template

    def replaced(self) -> dict[str, Callable[..., Any]]:
        """The functions that depend on time or chance."""
        return {
            "now": self._written_now,
            "millis": lambda: int(self._now() * 1000),
            "random": self._a_random,
            "uuid": lambda: str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
        }

    def _written_now(self, picture: Any = None, zone: Any = None) -> Any:
        given = [self._now() * 1000, *(argument for argument in (picture, zone) if argument is not None)]
        return testing.from_millis(*given)

    def _a_random(self, *seed: Any) -> float:
        return testing.random_number(*seed) if seed else self._random.random()


class _Expression:
    """One expression. `path` is set when it only reads a field of a variable."""

    def __init__(self, code: str) -> None:
        self.code = code
        found = _PATH.fullmatch(code)
        self.path = (found[1], tuple(filter(None, found[2].split(".")))) if found else None
        self.variables = set(_VARIABLE.findall(code)) - {"states"}
        self.states = set(_STATES.findall(code))
        self._interpreter: jsonata.Jsonata | None = None
        self._simple: Value | None = None

    def value(self, context: Expressions, variables: Mapping[str, Any], states: Mapping[str, Any]) -> Any:
        if self.path is not None:
            name, fields = self.path
            found = _read(states if name == "states" else variables.get(name, _MISSING), fields)
            if found is not _MISSING:
                return found
        elif self._simple is not None:
            try:
                found = self._simple(variables, states)
            except Unsure:
                found = UNDEFINED
            if found is not UNDEFINED:
                return found
        return self._interpreted(context, variables, states)

    def _interpreted(self, context: Expressions, variables: Mapping[str, Any], states: Mapping[str, Any]) -> Any:
        interpreter = self._interpreter
        if interpreter is None:
            interpreter = self._interpreter = _interpreter(self.code, context)
            self._simple = compiled(interpreter.ast)
        bound = {name: _bound(variables[name]) for name in self.variables if name in variables}
        if self.states:
            # "" stands for $states as a whole.
            read = states if "" in self.states else {name: states[name] for name in self.states if name in states}
            bound["states"] = _bound(read)
        jsonata.Jsonata.CURRENT.jsonata = interpreter
        try:
            result = interpreter.evaluate(None, bound)
        except jsonata.JException as error:
            raise testing.Failure("States.QueryEvaluationError", str(error)) from error
        if result is None:
            raise testing.Failure("States.QueryEvaluationError", f"{self.code} is undefined")
        value = Utils.convert_nulls(result)
        if not testing.is_json(value):
            raise testing.Failure("States.QueryEvaluationError", f"{self.code} returned an unsupported result type")
        return value


def _bound(value: Any) -> Any:
    """A copy for the interpreter, in which null is its own; most values have none, and are copied fast."""
    try:
        text = orjson.dumps(value)
    except TypeError:
        return testing.nulls(value)
    return testing.nulls(value) if b"null" in text else orjson.loads(text)


def _read(value: Any, fields: tuple[str, ...]) -> Any:
    """A field of nested objects; _MISSING where JSONata's rules for lists or what is missing decide."""
    for field in fields:
        if not isinstance(value, dict):
            return _MISSING
        value = value.get(field, _MISSING)
    return value


def _interpreter(code: str, context: Expressions) -> jsonata.Jsonata:
    made = jsonata.Jsonata(code)
    made.set_output_convert_nulls(False)
    added: dict[str, Callable[..., Any]] = {
        "parse": testing.parse,
        "range": testing.range_numbers,
        "hash": testing.digest,
        "partition": testing.partition,
        **context.replaced(),
    }
    for name, function in added.items():
        made.register_lambda(name, function)
    for name, function in testing.DIFFERING.items():
        made.register_function(name, testing.Replaced(name, function))
    for name in testing.CASTS:
        made.register_function(name, testing.Cast(name))
    return made
