"""The workloads, one file each."""

from benchmarks.workload import Workload
from benchmarks.workloads.columns import Columns
from benchmarks.workloads.dns import Dns
from benchmarks.workloads.hostile import Hostile
from benchmarks.workloads.hot import Hot
from benchmarks.workloads.imports import Imports
from benchmarks.workloads.join import Join
from benchmarks.workloads.k8s_reaction import K8sReaction
from benchmarks.workloads.k8s_watch import K8sWatch
from benchmarks.workloads.kinds import Kinds
from benchmarks.workloads.memory import Memory
from benchmarks.workloads.normalize import Normalize
from benchmarks.workloads.parse import Parse
from benchmarks.workloads.pick import Pick
from benchmarks.workloads.reaction import Reaction
from benchmarks.workloads.read import Read
from benchmarks.workloads.refuse import Refuse
from benchmarks.workloads.resolve import Resolve, ResolveOnce

WORKLOADS: tuple[Workload, ...] = (
    Read(),
    Parse(),
    Normalize(),
    Kinds(),
    Hot(),
    Join(),
    Columns(),
    Refuse(),
    Resolve(),
    ResolveOnce(),
    Dns(),
    Pick(),
    Reaction(),
    K8sReaction(),
    K8sWatch(),
    Imports(),
    Memory(),
    Hostile(),
)
