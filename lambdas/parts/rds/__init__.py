"""Parts for RDS and Aurora databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.rds.copy_db_snapshot import copy_db_snapshot as copy_db_snapshot
    from lambdas.parts.rds.create_db_snapshot import create_db_snapshot as create_db_snapshot
    from lambdas.parts.rds.delete_db_snapshot import delete_db_snapshot as delete_db_snapshot
    from lambdas.parts.rds.modify_db_instance import modify_db_instance as modify_db_instance
    from lambdas.parts.rds.modify_db_snapshot_attribute import (
        modify_db_snapshot_attribute as modify_db_snapshot_attribute,
    )
    from lambdas.parts.rds.reboot_db_instance import reboot_db_instance as reboot_db_instance
    from lambdas.parts.rds.start_db_cluster import start_db_cluster as start_db_cluster
    from lambdas.parts.rds.start_db_instance import start_db_instance as start_db_instance
    from lambdas.parts.rds.stop_db_cluster import stop_db_cluster as stop_db_cluster
    from lambdas.parts.rds.stop_db_instance import stop_db_instance as stop_db_instance

load_when_used(__name__)
