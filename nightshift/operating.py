"""What a flow says to the people who operate it: its title, its presets, its docstring in English and Japanese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.docstring import entries
from lambdas.contract.errors import InvalidParameter, shown

LONGEST_TITLE = 80
"""Characters: more do not fit a button."""

MOST_PRESETS = 100
"""Of a flow: more are no panel that somebody finds a button in."""

_JAPANESE = re.compile(r"^日本語[:：][ \t]*", re.MULTILINE)
_PARAMETERS = re.compile(r"^(?:Parameters|パラメーター|パラメータ)[:：][ \t]*$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z0-9\"'(`])|(?<=。)\s*(?=\S)")


@dataclass(frozen=True)
class Preset:
    """A button that starts a flow with parameters filled in; InvalidParameter for a value it cannot have.

    parameters: values by name; what is not among them keeps its default.
    title_ja: what the button says in Japanese; default: its title.
    form: whether whoever presses it is shown the parameters, and may change them, before the start.
    groups: those of the flow's operators that have the button; () for all of them.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    title_ja: str | None = None
    form: bool = False
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.parameters, Mapping) or not all(isinstance(name, str) for name in self.parameters):
            raise InvalidParameter(
                f'a preset is {shown(self.parameters)}: write its parameters, as {{"tag": "Name=a"}}'
            )
        _check_title("title_ja of a preset", self.title_ja)
        if not isinstance(self.form, bool):
            raise InvalidParameter(f"form of a preset is {shown(self.form)}: write True or False")
        groups = (self.groups,) if isinstance(self.groups, str) else self.groups
        if not isinstance(groups, list | tuple) or not all(isinstance(group, str) for group in groups):
            raise InvalidParameter(f'groups of a preset is {shown(groups)}: write names of groups, as ["service-desk"]')
        object.__setattr__(self, "groups", tuple(groups))


@dataclass(frozen=True)
class Operating:
    """What `@flow(...)` was given for people; InvalidParameter for a value it cannot have.

    title, title_ja: what they call the flow. presets: buttons that start it, by their titles; a plain dict of
    parameters is a Preset with these.
    """

    title: str | None = None
    title_ja: str | None = None
    presets: Mapping[str, Preset] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_title("title", self.title)
        _check_title("title_ja", self.title_ja)
        if not isinstance(self.presets, Mapping):
            raise InvalidParameter(f'presets is {shown(self.presets)}: write {{"Server A": {{"tag": "Name=a"}}}}')
        if len(self.presets) > MOST_PRESETS:
            raise InvalidParameter(f"there are {len(self.presets)} presets: a flow has at most {MOST_PRESETS}")
        made = {}
        for title, given in self.presets.items():
            _check_title("the title of a preset", "" if title is None else title)
            made[title] = given if isinstance(given, Preset) else Preset(given)
        object.__setattr__(self, "presets", made)


def _check_title(name: str, value: Any) -> None:
    if value is not None and (not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_TITLE):
        raise InvalidParameter(f"{name} is {shown(value)}: write a text of 1 to {LONGEST_TITLE} characters")


@dataclass(frozen=True)
class ParameterText:
    """What a docstring says of a parameter: its first sentence without the full stop, and the sentences behind it."""

    title: str
    description: str


@dataclass(frozen=True)
class FlowText:
    """A docstring in one language: what stands before the parameters, and the parameters by name."""

    doc: str = ""
    parameters: Mapping[str, ParameterText] = field(default_factory=dict)


@dataclass(frozen=True)
class FlowTexts:
    """The docstring of a flow in both languages; what it does not say in Japanese is empty there."""

    en: FlowText = field(default_factory=FlowText)
    ja: FlowText = field(default_factory=FlowText)


def flow_texts(doc: str) -> FlowTexts:
    """What a docstring says: English first, behind a line that begins with "日本語:" the same in Japanese.

    doc: without its indentation. Either may end with parameters, below "Parameters:" or "パラメーター:".
    """
    english, *japanese = _JAPANESE.split(doc, maxsplit=1)
    return FlowTexts(_text(english), _text(japanese[0]) if japanese else FlowText())


def _text(said: str) -> FlowText:
    before, *parameters = _PARAMETERS.split(said, maxsplit=1)
    found = {name: _parameter(meaning) for name, meaning in entries(parameters[0])} if parameters else {}
    return FlowText(before.strip(), found)


def _parameter(meaning: str) -> ParameterText:
    title, *rest = _SENTENCE.split(meaning, maxsplit=1)
    return ParameterText(title.rstrip(".。"), rest[0] if rest else "")
