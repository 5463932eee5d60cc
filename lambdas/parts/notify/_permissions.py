"""The resources of Amazon SES that whoever sends a mail needs permission for."""

from __future__ import annotations

_SES = "arn:${AWS::Partition}:ses:*:${AWS::AccountId}"
SENT_WITH = (f"{_SES}:identity/*", f"{_SES}:configuration-set/*")
"""The sender's identity, in the sandbox also those of the recipients, and the default configuration set of the
sender's identity, which SES applies by itself. "Actions, resources, and condition keys for Amazon Simple Email Service
v2", Service Authorization Reference; "Assign a default configuration set to a verified identity", Amazon SES Developer
Guide."""
