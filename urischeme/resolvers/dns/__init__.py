"""`dns:[//server[:port]/]host[:port]`: what a name leads to, at `server` or as the system resolves."""

from urischeme.resolvers.dns.resolver import Dns

__all__ = ["Dns"]
