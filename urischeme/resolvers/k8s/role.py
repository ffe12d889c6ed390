"""What an account has to be allowed, so that the endpoints of Services in one namespace can be watched by it."""

from __future__ import annotations

from typing import Final

_ROLE: Final = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: urischeme
  namespace: {namespace}
rules:
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
"""


def role(namespace: str) -> str:
    """The whole Role (rbac.authorization.k8s.io/v1), for kubectl apply.

    >>> print(role("prod").splitlines()[4])
      namespace: prod
    """
    return _ROLE.format(namespace=namespace)
