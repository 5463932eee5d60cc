"""How much slower than bare boto3 a part's Lambda function comes up.

Prints the median times of (a) importing the handler, loading ec2.stop_instances and making its first client, and of
(b) `import boto3; boto3.client("ec2")`, each in fresh interpreters that alternate, and their ratio.

    python bench/cold_start.py [rounds]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PART = """
from lambdas.parts import find_part
from lambdas.runtime.handler import aws
find_part("ec2.stop_instances")
aws.client("ec2")
"""
BARE = """
import boto3
boto3.client("ec2")
"""
TIMED = """
import time
start = time.perf_counter()
{body}
print(time.perf_counter() - start)
"""


def measure(body: str) -> float:
    """Seconds that `body` takes in a fresh interpreter, its start not counted."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "NIGHTSHIFT_PART": "ec2.stop_instances",
    }
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(body=body)], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Measure alternately, so that a busy moment of the machine hits both."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    measure(PART), measure(BARE)
    part, bare = [], []
    for _ in range(rounds):
        part.append(measure(PART))
        bare.append(measure(BARE))
    mine, theirs = statistics.median(part), statistics.median(bare)
    print(f"handler of ec2.stop_instances and first client: {mine * 1000:.0f} ms (median of {rounds})")
    print(f"bare boto3.client('ec2'):                       {theirs * 1000:.0f} ms (median of {rounds})")
    print(f"ratio: {mine / theirs:.2f} (aim: at most 1.25)")


if __name__ == "__main__":
    main()
