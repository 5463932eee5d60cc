"""`python -m nightshift.local.fleet --port N`: the fleet on a loopback port, until killed."""

from __future__ import annotations

import argparse

from nightshift.local.lifeline import end_with_parent


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast as the wall clock; 0: virtual")
    parser.add_argument("--control-plane", default="", help="endpoint for the rest of Systems Manager")
    parser.add_argument("--iam", action="store_true", help="refuse what the role of an access key does not allow")
    arguments = parser.parse_args()
    end_with_parent()

    from nightshift.local.fleet.server import serve

    serve(arguments.port, speed=arguments.speed, control_plane=arguments.control_plane, iam=arguments.iam)


if __name__ == "__main__":
    main()
