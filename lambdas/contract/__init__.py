"""The contract between flows and parts: what both sides know, with the standard library alone."""
