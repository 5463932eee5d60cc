"""What `nightshift part` prints and writes."""

from __future__ import annotations

from pathlib import Path

from lambdas.parts import all_parts, find_part, own_parts
from nightshift.cli.output import print_json, print_table
from nightshift.own_parts import parts_folder, use_own_parts
from nightshift.own_parts.finding import PROJECT
from nightshift.own_parts.locking import write_lock
from nightshift.views.iam import statements
from nightshift.views.part_pages import page, typed


def list_parts(flow_defs: Path, *, as_json: bool) -> None:
    """Print all parts, those of one's own first. Raises CompileErrors when one of these is wrong."""
    use_own_parts(flow_defs)
    own = own_parts()
    found = [(find_part(name), module.partition(f".{name}")[0]) for name, module in sorted(own.items())]
    found += [(part, "nightshift") for part in all_parts().values()]
    rows = [(part.name, source, (part.__doc__ or "").strip().partition("\n")[0]) for part, source in found]
    if as_json:
        print_json([{"name": name, "from": source, "does": does} for name, source, does in rows])
    else:
        print_table(("part", "from", "what it does"), rows)


def show_part(name: str, flow_defs: Path, *, as_json: bool) -> None:
    """Print the page of a part. Raises InvalidParameter when there is none."""
    use_own_parts(flow_defs)
    part = find_part(name)
    if not as_json:
        print(page(part), end="")
        return
    parameters = [
        {"name": p.name, "type": typed(p.hint), "required": p.required, "default": p.default, "meaning": p.doc}
        for p in part.parameters.values()
    ]
    does = (part.__doc__ or "").strip().partition("\n")[0]
    said = {"name": part.name, "does": does, "parameters": parameters, "cost": part.cost, "hints": part.hints}
    print_json(said | {"permissions": statements(part), "example": part.example})


def new_part(name: str, flow_defs: Path, *, as_json: bool) -> None:
    """Write a part of one's own and its test. Raises CannotBegin."""
    from nightshift.cli.project.part_starter import begin_part

    written = begin_part(name, flow_defs.parent)
    if as_json:
        print_json({"files": [str(path) for path in written]})
        return
    for path in written:
        print(path)
    service, _, function = name.partition(".")
    print(f"\nFlows call it by `from parts import {service}` and `{service}.{function}(...)`. Next: nightshift test")


def lock_packages(flow_defs: Path, *, as_json: bool) -> None:
    """Lock the packages that the parts of a project need. Raises NotLocked."""
    lock = write_lock(parts_folder(flow_defs) or Path(PROJECT))
    if as_json:
        print_json({"file": str(lock)})
    else:
        print(lock)
