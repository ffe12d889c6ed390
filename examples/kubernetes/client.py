"""Asks the pods behind a target in turn, and prints who answered.

In a pod it needs its service account's permission and nothing else; elsewhere it takes your kubeconfig.
"""

import argparse
import contextlib
import http.client
import sys
import time

import urischeme


def main() -> None:
    parser = argparse.ArgumentParser(description="Ask the pods behind a target in turn, and print who answered.")
    parser.add_argument("target", help="as in k8s:///orders:http")
    parser.add_argument("--pause", type=float, default=1.0, metavar="SECONDS", help="from one request to the next")
    options = parser.parse_args()
    with urischeme.Balancer(options.target, policy="round_robin") as balancer:
        balancer.ready(timeout=60.0)
        while True:
            try:
                print(ask(balancer), flush=True)
            except (OSError, http.client.HTTPException, urischeme.ResolveError) as error:
                print(f"no answer: {error}", file=sys.stderr)
            time.sleep(options.pause)


def ask(balancer: urischeme.Balancer) -> str:
    """Who answered."""
    connection = http.client.HTTPConnection("orders")
    with contextlib.closing(connection):
        # To the pod whose turn it is or, if that cannot be reached, to the next.
        connection.sock = balancer.connect(timeout=5.0)
        connection.request("GET", "/")
        return connection.getresponse().read().decode().strip()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
