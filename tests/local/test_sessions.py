"""The sessions of roles, of which the runs of many flows add one each at the same moment."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from concurrent.futures import ThreadPoolExecutor

from nightshift.local.ministack import access

access.patch()
# Threads take turns within the look through the sessions, as they do on a busy machine now and then.
sys.setswitchinterval(1e-6)
with ThreadPoolExecutor(8) as threads:
    role = "arn:aws:iam::123456789012:role/flow"
    keys = set(threads.map(lambda n: access.credentials(role, str(n))["aws_access_key_id"], range(1500)))
print(len(keys))
"""


def test_runs_of_many_flows_that_begin_together_each_get_a_session() -> None:
    """In a process of its own: MiniStack is patched for good."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "1500"), done.stderr[-2000:]
