"""These tests have the app's table."""

from tests.tables import table

__all__ = ["table"]
