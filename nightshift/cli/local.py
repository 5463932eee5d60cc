"""`nightshift up`, `down` and `mail`, and the way to the local AWS for the other commands."""

from __future__ import annotations
