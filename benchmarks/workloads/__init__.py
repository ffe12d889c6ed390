"""The workloads, one file each."""

from benchmarks.workload import Workload
from benchmarks.workloads.normalize import Normalize
from benchmarks.workloads.parse import ParseAndRead

WORKLOADS: tuple[Workload, ...] = (ParseAndRead(), Normalize())
