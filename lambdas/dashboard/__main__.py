"""Prints the OpenAPI document as it is kept in the repository."""

from __future__ import annotations

import json
import sys

from lambdas.dashboard.app import app
from lambdas.dashboard.document import document

json.dump(document(app), sys.stdout, indent=1, ensure_ascii=False)
sys.stdout.write("\n")
