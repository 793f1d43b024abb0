"""Long sieges, in parallel: python -m tests.malicious.run --requests 1000000 --jobs 2

Each siege has a seed of its own; a finding is printed with the command that plays it again.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.malicious.siege import Siege, Verdict

REQUESTS_A_SIEGE = 5_000
MOST_SHOWN = 20


def play(seed: int, requests: int) -> Verdict:
    return Siege(seed).run(requests)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.malicious.run")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first siege")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + max(1, given.requests // REQUESTS_A_SIEGE))
    each = min(given.requests, REQUESTS_A_SIEGE)
    began, made, found = time.monotonic(), 0, 0
    with ProcessPoolExecutor(max_workers=given.jobs) as workers:
        for verdict in workers.map(play, seeds, [each] * len(seeds)):
            made += verdict.requests
            if verdict.findings or not verdict.kept:
                found += 1
                _say(f"python -m tests.malicious.run --seed {verdict.seed} --requests {each}")
                for finding in verdict.findings[:MOST_SHOWN]:
                    _say(f"  {finding}")
            _say(f"{made} requests, {found} sieges with findings, {made / (time.monotonic() - began):.0f} a second")
    return 1 if found else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
