"""The main job, shown on loopback alone: a string comes apart, resolves, and a connection is made."""

from urischeme.cli.demo.show import run_demo

__all__ = ["run_demo"]
