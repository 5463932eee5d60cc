"""The tracker: what is kept of every run, longer than Step Functions keeps it, and how it is read again."""
