"""Makes the parts of a project known to this process, so that flows, stacks and the simulation find them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from lambdas.contract.errors import NightshiftError
from lambdas.parts import Service, set_own_parts
from nightshift.aws_api.models import services
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.own_parts.checking import checked
from nightshift.own_parts.finding import PROJECT, Folder, installed_folders, parts_folder
from nightshift.own_parts.locking import unlocked

FAKE = "_fake"
"""The module of a service with what answers in the simulation for services that the fleet has not."""


class WrongFake(NightshiftError):
    """A fake beside a part cannot be used."""


class FakeLacks(Exception):
    """A part calls what the fake of the service does not answer.

    No NightshiftError: that would be the failure of a step, which a flow may handle.
    """


@dataclass
class _Used:
    """What is known at present. stamp: of the files it was read from."""

    stamp: Any = None
    folders: tuple[Folder, ...] = ()
    errors: tuple[Diagnostic, ...] = ()


_used = _Used()


def use_own_parts(flows: Path) -> None:
    """Know the parts of the project that has these flows, and those that are installed.

    flows: the folder of the flows, or a file in it. What an earlier call made known is forgotten; nothing is read again
    as long as no file has changed.
    Raises CompileErrors with everything that is wrong with the parts.
    """
    path = parts_folder(flows)
    folders = (*(() if path is None else (Folder(PROJECT, path),)), *installed_folders())
    stamp = [(folder, folder.stamp()) for folder in folders]
    if stamp != _used.stamp:
        _forget(_used.folders)
        for folder in folders:
            _import_as_packages(folder)
        parts, errors = checked([file for folder in folders for file in folder.files()])
        errors += [error for folder in folders if folder.package == PROJECT for error in unlocked(folder.lock)]
        set_own_parts({part.name: part.module for part in parts})
        _used.stamp, _used.folders, _used.errors = stamp, folders, tuple(errors)
    if _used.errors:
        raise CompileErrors(list(_used.errors))


def known_folders() -> tuple[Folder, ...]:
    """The folders whose parts are known."""
    return _used.folders


def packages_lock() -> Path | None:
    """The lock of the packages that the parts need, of `parts/` of the project; None when they need none."""
    return next((f.lock for f in _used.folders if f.package == PROJECT and f.lock.is_file()), None)


def fakes() -> Mapping[str, Callable[[Callable[[], float]], Any]]:
    """What answers in the simulation for services of AWS that it has not: boto3's name of the service -> the class.

    A service's folder names it in the `FAKES` of its `_fake.py`. Raises WrongFake.
    """
    found: dict[str, Callable[[Callable[[], float]], Any]] = {}
    for folder in _used.folders:
        for service in folder.services():
            file = service / f"{FAKE}.py"
            if file.is_file():
                found.update(_fakes_of(file, f"{folder.package}.{service.name}.{FAKE}"))
    return found


def _fakes_of(file: Path, module: str) -> Mapping[str, Callable[[Callable[[], float]], Any]]:
    try:
        named = getattr(import_module(module), "FAKES", None)
    except Exception as error:
        raise WrongFake(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(named, Mapping):
        there = "no FAKES" if named is None else f"FAKES that is a {type(named).__name__}"
        raise WrongFake(f'{file} has {there}; write below its class, by boto3\'s name: FAKES = {{"rds": Rds}}')
    for service, fake in named.items():
        if service not in services():
            near = get_close_matches(str(service), services(), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "; `nightshift api` lists them"
            raise WrongFake(f"{file}: FAKES names {service!r}, which is no service of AWS as boto3 calls it{hint}")
        if not callable(fake):
            raise WrongFake(f"{file}: FAKES[{service!r}] is no class; write the class that answers, without calling it")
    return named


def _forget(folders: tuple[Folder, ...]) -> None:
    for folder in folders:
        for name in [name for name in sys.modules if name == folder.package or name.startswith(f"{folder.package}.")]:
            del sys.modules[name]


def _import_as_packages(folder: Folder) -> None:
    """Let `from parts import rds` find the folders, also those without `__init__.py`, wherever Python was started."""
    _forget((folder,))
    package = _package(folder.package, folder.path, ModuleType)
    for service in folder.services():
        setattr(package, service.name, _package(f"{folder.package}.{service.name}", service, Service))


def _package(name: str, path: Path, kind: type[ModuleType]) -> ModuleType:
    """A package in a folder: by its `__init__.py`, else one whose parts are loaded when they are used."""
    module = kind(name)
    module.__spec__ = ModuleSpec(name, None, is_package=True)
    module.__spec__.submodule_search_locations = [str(path)]
    module.__path__ = [str(path)]
    module.__package__ = name
    sys.modules[name] = module
    init = path / "__init__.py"
    if init.is_file():
        module.__file__ = str(init)
        try:
            exec(compile(init.read_text(encoding="utf-8"), str(init), "exec"), module.__dict__)
        except Exception as error:
            line = getattr(error, "lineno", None) or 1
            message = f"the package cannot be imported: {type(error).__name__}: {error}"
            hint = "Leave the file empty, or remove it."
            raise CompileErrors([Diagnostic("NS002", message, hint, init, line, 1)]) from error
    return module
