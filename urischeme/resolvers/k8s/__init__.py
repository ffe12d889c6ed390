"""`k8s:[//context/]service[.namespace[.svc[.zone]]][:port]`: what is behind a Service, as the API server knows it."""

from urischeme.resolvers.k8s.resolver import K8s

__all__ = ["K8s"]
