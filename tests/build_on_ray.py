"""A build on a Ray cluster of its own, as a process to be killed: python build_on_ray.py CORPUS DATA URL DATABASE.

Prints the receipt's numbers as JSON. The encoder takes time, so that a build can be stopped in the middle.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from evals.bench.kills import Hashes
from index.chroma import ChromaServer
from index.cluster import Cluster
from index.encoder import Vectors
from index.sync import Place, sync


class Slow(Hashes):
    """Takes a while for each batch."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """As `Encoder`."""
        time.sleep(float(os.environ.get("SLOWNESS", "0")))
        return super().passages(texts)


def place(corpus: str, data: str, url: str, database: str) -> Place:
    return Place(Path(corpus), Path(data), ChromaServer(url, database=database))


if __name__ == "__main__":
    from build_on_ray import Slow as Importable  # of the cluster's processes, this module is not the main one

    receipt = sync(place(*sys.argv[1:]), Slow(), cluster=Cluster(Importable, processors=2))
    states = [file.state for file in receipt.files]
    print(
        json.dumps(
            {"embedded": receipt.embedded, "states": states, "failed": [f.reason for f in receipt.failed]}
        )
    )
