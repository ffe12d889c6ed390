"""When the API server said of each pod that it is ready: `python -m benchmarks.cluster.witness HOST CA PATH`.

It watches the EndpointSlices at the path, by a client that is none of those measured. Asked, it says for every address
when the first event came that has it ready, by the machine's monotonic clock.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.cluster.talk import say
from tests.cluster.api import Api
from tests.cluster.control_plane import ADMIN_TOKEN
from tests.cluster.namespace import ready_addresses

if TYPE_CHECKING:
    from tests.cluster.api import Object

_HOUR: Final = 3600.0


def main() -> None:
    host, authority, path = sys.argv[1:]
    api = Api(host, Path(authority), ADMIN_TOKEN)
    seen: dict[str, float] = {}
    known = api.get(path)
    _note(known["items"], seen)

    def watch() -> None:
        for event in api.watch(path, resource_version=known["metadata"]["resourceVersion"], timeout=_HOUR):
            _note([event["object"]], seen)

    threading.Thread(target=watch, daemon=True).start()
    say("ready")
    for _ in sys.stdin:
        say(dict(seen))


def _note(slices: list[Object], seen: dict[str, float]) -> None:
    now = time.monotonic()
    for address in ready_addresses(slices):
        seen.setdefault(address, now)


if __name__ == "__main__":
    main()
