"""`etcd:` targets for urischeme; an entry point names the class, so nobody has to import this."""

from urischeme_etcd.resolver import Etcd

__all__ = ["Etcd"]
