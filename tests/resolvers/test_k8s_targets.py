"""What a `k8s` target means, and what is refused before anything is sent: no cluster is needed to tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from urischeme import Target, TargetError
from urischeme.resolvers.k8s import K8s
from urischeme.resolvers.k8s.question import Question, Via

labels = st.from_regex(r"[a-z0-9]([a-z0-9\-]{0,20}[a-z0-9])?", fullmatch=True).filter(lambda label: label != "svc")


def asked(text: str) -> Question:
    return Question.of(Target.parse(text))


def names(text: str) -> tuple[str | None, str, str | None, str, int | str | None]:
    question = asked(text)
    return question.hostname, question.service, question.namespace, question.zone, question.port


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", (None, "orders", None, "", None)),
        ("orders:80", (None, "orders", None, "", 80)),
        ("orders:grpc", (None, "orders", None, "", "grpc")),
        ("orders.prod", (None, "orders", "prod", "", None)),
        ("orders.prod:8080", (None, "orders", "prod", "", 8080)),
        ("orders.prod.svc", (None, "orders", "prod", "", None)),
        ("orders.prod.svc:grpc", (None, "orders", "prod", "", "grpc")),
        ("orders.prod.svc.cluster.local:grpc", (None, "orders", "prod", "cluster.local", "grpc")),
        ("orders.prod.svc.cluster.local.", (None, "orders", "prod", "cluster.local", None)),
        ("orders.svc.svc", (None, "orders", "svc", "", None)),
        # A third label svc is the marker, never a namespace.
        ("db-0.db.svc", (None, "db-0", "db", "", None)),
        ("db-0.db.prod", ("db-0", "db", "prod", "", None)),
        ("db-0.db.prod:sql", ("db-0", "db", "prod", "", "sql")),
        ("db-0.db.prod.svc", ("db-0", "db", "prod", "", None)),
        ("db-0.db.prod.svc.example.org:5432", ("db-0", "db", "prod", "example.org", 5432)),
        ("80:80", (None, "80", None, "", 80)),
    ],
)
@pytest.mark.parametrize("prefix", ["k8s:", "k8s:/", "k8s:///", "kubernetes:", "kubernetes:///", "K8S://staging/"])
def test_names(prefix: str, name: str, expected: tuple[Any, ...]) -> None:
    assert names(prefix + name) == expected


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("k8s:orders", ""),
        ("k8s:///orders", ""),
        ("k8s://in-cluster/orders", "in-cluster"),
        ("k8s://kubernetes-admin%40kubernetes/orders", "kubernetes-admin@kubernetes"),
        ("k8s://Staging-EU/orders", "Staging-EU"),
        ("k8s://arn%3Aaws%3Aeks%3Aeu%3A1%3Acluster%2Fprod/orders", "arn:aws:eks:eu:1:cluster/prod"),
    ],
)
def test_the_authority_is_a_context_decoded_with_its_case(text: str, context: str) -> None:
    assert asked(text).context == context


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("", "families", ("ipv4", "ipv6")),
        ("?family=dual", "families", ("ipv4", "ipv6")),
        ("?family=ipv6", "families", ("ipv6",)),
        ("", "any_ready", False),
        ("?ready=any", "any_ready", True),
        ("", "terminating", False),
        ("?terminating=fallback", "terminating", True),
        ("", "via", Via.ENDPOINTS),
        ("?via=cluster-ip", "via", Via.CLUSTER_IP),
        ("?via=dns", "via", Via.DNS),
    ],
)
def test_options(query: str, field: str, value: object) -> None:
    assert getattr(asked(f"k8s:orders:80{query}"), field) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("k8s:", "no Service is named; write k8s:///service.namespace"),
        ("kubernetes:///", "no Service is named; write kubernetes:///service.namespace"),
        ("k8s:///:80", "no Service is named"),
        # kuberesolver's forms: a Service, or a namespace, in the authority.
        ("kubernetes://orders.prod:8080/", "the Service stands in the path; write kubernetes:///orders.prod:8080"),
        ("kubernetes://orders", "the Service stands in the path; write kubernetes:///orders"),
        # As kubectl has it.
        ("k8s:///prod/orders:80", "write k8s:///orders.prod:80"),
        ("k8s:///prod/orders?ready=any", "write k8s:///orders.prod?ready=any"),
        ("k8s:///a/b/c", "write service.namespace"),
        ("k8s:///Orders", "'Orders' is no name in Kubernetes"),
        ("k8s:///order_s", "'order_s' is no name in Kubernetes"),
        ("k8s:///-orders.prod", "'-orders' is no name in Kubernetes"),
        ("k8s:///orders..svc", "'' is no name in Kubernetes"),
        ("k8s:///" + "a" * 64, "is no name in Kubernetes"),
        ("k8s:///b%C3%BCcher", "is no name in Kubernetes"),
        ("k8s:///orders%00", "is no name in Kubernetes"),
        ("k8s:///a.b.svc." + ".".join(["c" * 60] * 5), "a name has at most 253 characters"),
        ("k8s:///a.b.c.d", "svc stands before the zone; write service.namespace.svc.zone"),
        ("k8s:///a.b.c.d.svc", "svc stands before the zone"),
        ("k8s:///orders:", "there is no port after the colon"),
        ("k8s:///orders:0", "a Service has no port 0"),
        ("k8s:///orders:65536", "a port is at most 65535"),
        ("k8s:///orders:" + "9" * 10_000, "a port is at most 65535"),
        ("k8s:///orders:Grpc", "'Grpc' is no port"),
        ("k8s:///orders:80:90", "'80:90' is no port"),
        ("k8s:///orders?ready=yes", "ready is any, not 'yes'"),
        ("k8s:///orders?terminating=1", "terminating is fallback, not '1'"),
        ("k8s:///orders?via=iptables", "via is cluster-ip or dns, not 'iptables'"),
        ("k8s:///orders?family=both", "family is dual, ipv4 or ipv6, not 'both'"),
        ("k8s:///orders?zone=a", "k8s has no option 'zone'; it takes family, ready, terminating, via"),
        ("k8s:///orders?via=dns", "via=dns cannot tell which ports there are; write one"),
        ("k8s:///db-0.db.prod:sql?via=dns", "via=dns knows no names of ports for a single pod; write its number"),
        ("k8s:///orders?via=dns&ready=any", "leave ready and terminating out"),
        ("k8s://staging/orders:80?via=dns", "via=dns asks the name servers of this machine"),
        ("k8s:///db-0.db.prod:80?via=cluster-ip", "a pod is not behind the cluster IP"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(TargetError) as refused:
        urischeme.check(text)
    assert said in str(refused.value)


@given(service=labels, namespace=labels, zone=st.lists(labels, max_size=3))
def test_long_and_short_forms_ask_for_the_same(service: str, namespace: str, zone: list[str]) -> None:
    short = names(f"k8s:{service}.{namespace}:80")
    assert short == (None, service, namespace, "", 80)
    assert names(f"k8s:{'.'.join([service, namespace, 'svc', *zone])}:80") == (*short[:3], ".".join(zone), 80)


@pytest.mark.parametrize("there", [False, True])
def test_what_may_be_a_password_in_the_place_of_a_context_is_masked(there: bool, tmp_path: Path) -> None:
    written = tmp_path / "kubeconfig"
    if there:
        written.write_text("{contexts: []}")
    registry = urischeme.Registry()
    registry.register("k8s", K8s(kubeconfig=str(written)), replace=True)
    with pytest.raises(urischeme.ResolveError, match=r"'ada:\*\*\*@h'") as caught:
        urischeme.resolve("k8s://ada:s3cret@h/orders", registry=registry)
    assert "s3cret" not in str(caught.value)


@given(st.text())
def test_any_name_is_read_or_refused(name: str) -> None:
    target = Target("k8s", "", "/" + name.encode("utf-8", "replace").decode())
    try:
        question = Question.of(target)
    except TargetError:
        return
    assert question.service
    assert question.authority("prod").split(".")[0] in name
