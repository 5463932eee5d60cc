"""Runs a CDK app and prints how many requests it sent to jsii.

python counted.py APP [ARGUMENT ...]
"""

from __future__ import annotations

import runpy
import sys
from typing import Any

from jsii._kernel.providers import process


def main() -> None:
    """Run the app."""
    requests = 0
    send = process._NodeProcess.send

    def counted(self: Any, request: Any, response: Any) -> Any:
        nonlocal requests
        requests += 1
        return send(self, request, response)

    setattr(process._NodeProcess, "send", counted)  # noqa: B010 (mypy knows a signature that nothing else needs)
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
    print(requests)


if __name__ == "__main__":
    main()
