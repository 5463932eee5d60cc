"""The command line `nightshift`."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

FINE, WRONG, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130

LOCAL_EXTRA = ("ministack", "moto", "psutil", "sfnx", "jsonata")
"""Packages of the extra `local`."""


def main() -> None:
    """Run the command line and end the process.

    Exit codes: 0 fine; 1 the input or a flow is wrong, or the run failed; 2 wrong usage; 3 a bug of nightshift.
    """
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has enough; what is left is not flushed once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = WRONG
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command line; its exit code."""
    from nightshift.cli.app import app

    try:
        app(args=list(arguments), prog_name="nightshift")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _explained(error)
    return FINE


def _explained(error: Exception) -> int:
    from lambdas.contract.errors import NightshiftError
    from nightshift.errors import CompileErrors
    from nightshift.own_parts import FakeLacks

    if isinstance(error, CompileErrors):
        print("\n".join(diagnostic.render() for diagnostic in error.errors), file=sys.stderr)
        return WRONG
    if isinstance(error, NightshiftError | OSError | FakeLacks):
        print(f"nightshift: {_of_file(error) if isinstance(error, OSError) else error}", file=sys.stderr)
        return WRONG
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] in LOCAL_EXTRA:
        print(
            f"nightshift: this command needs {error.name}, of the extra for the local AWS and the simulation: "
            "pip install 'nightshift[local]'",
            file=sys.stderr,
        )
        return WRONG
    if type(error).__module__.startswith(("botocore.", "boto3.")):
        print(f"nightshift: AWS: {error}", file=sys.stderr)
        return WRONG
    traceback.print_exception(error)
    print(
        "\nnightshift: this is a bug in nightshift, not in your flow. "
        "Please report it with the lines above and the command you gave.",
        file=sys.stderr,
    )
    return BUG


def _of_file(error: OSError) -> str:
    """What is wrong with a file, in words."""
    if not isinstance(error.filename, str) or not error.strerror:
        return str(error)
    said = {
        "FileNotFoundError": "there is no such file or folder",
        "IsADirectoryError": "it is a folder, and a file is wanted",
        "NotADirectoryError": "a file stands where a folder is wanted",
        "PermissionError": "you may not read or write it",
        "FileExistsError": "it is there already",
    }.get(type(error).__name__, error.strerror)
    return f"{error.filename}: {said}"
