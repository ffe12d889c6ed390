"""What the command line shows of it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

from etcd_cluster import DEADLINE, Cluster


def test_a_key_appears_and_its_lease_runs_out(cluster: Cluster, prefix: str) -> None:
    target = f"etcd:///{prefix}?endpoints={cluster.endpoints}"
    with subprocess.Popen(
        [sys.executable, "-m", "urischeme", "watch", "--json", target], stdout=subprocess.PIPE, text=True
    ) as command:
        alarm = threading.Timer(DEADLINE, command.kill)
        alarm.start()
        try:
            assert command.stdout is not None
            lines = map(json.loads, command.stdout)
            assert next(lines)["endpoints"] == []
            cluster.put(f"{prefix}/1", "10.0.0.1:8080", lease=cluster.lease(1))
            assert [added["addresses"] for added in next(lines)["added"]] == [["ipv4:10.0.0.1:8080"]]
            assert [gone["addresses"] for gone in next(lines)["gone"]] == [["ipv4:10.0.0.1:8080"]]
        finally:
            alarm.cancel()
            command.kill()
