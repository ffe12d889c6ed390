"""How EndpointSlices become endpoints: laws that no cluster is needed to try."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from urischeme import Endpoint, Target, TCPAddress
from urischeme.resolvers.k8s.question import Question
from urischeme.resolvers.k8s.service import Service
from urischeme.resolvers.k8s.slices import Endpoints, Slice

SERVICE = Service.of(
    {
        "metadata": {"name": "orders"},
        "spec": {"clusterIPs": ["None"], "ports": [{"name": "http", "port": 80}, {"name": "grpc", "port": 90}]},
    }
)

conditions = st.fixed_dictionaries(
    {}, optional={name: st.none() | st.booleans() for name in ("ready", "serving", "terminating")}
)
numbers = st.integers(1, 8)


@st.composite
def slices(draw: st.DrawFn) -> Any:
    family = draw(st.sampled_from(["IPv4", "IPv6", "FQDN"]))

    def endpoint(number: int) -> dict[str, Any]:
        address = {"IPv4": f"10.244.0.{number}", "IPv6": f"fd00::{number}", "FQDN": f"pod-{number}.example"}[family]
        written: dict[str, Any] = {"addresses": [address, "10.9.9.9"], "conditions": draw(st.none() | conditions)}
        if draw(st.booleans()):
            written["targetRef"] = {"kind": "Pod", "name": f"pod-{number}", "uid": f"uid-{number}"}
        return written

    return {
        "metadata": {"name": draw(st.uuids(version=4)).hex},
        "addressType": family,
        "endpoints": draw(st.none() | st.lists(numbers.map(endpoint))),
        "ports": draw(st.sampled_from([None, [{"name": "http", "port": 8080}], [{"name": "grpc", "port": 9090}]])),
    }


def endpoints(written: list[Any], query: str = "", reader: Endpoints | None = None) -> tuple[Endpoint, ...]:
    reader = reader or Endpoints(Question.of(Target.parse(f"k8s:orders:http{query}")))
    return reader.of(SERVICE, [Slice.of(each) for each in written])


def ready(written: list[Any]) -> set[tuple[str, int]]:
    return {
        (each["addresses"][0], 8080)
        for item in written
        if item["addressType"] != "FQDN" and item["ports"] == [{"name": "http", "port": 8080}]
        for each in item["endpoints"] or ()
        if (each["conditions"] or {}).get("ready") is not False
    }


def addresses(found: tuple[Endpoint, ...]) -> list[TCPAddress]:
    return [address for each in found for address in each.addresses if isinstance(address, TCPAddress)]


@given(st.lists(slices()))
def test_every_ready_address_is_there_once_whatever_slices_overlap(written: list[Any]) -> None:
    found = [(address.host, address.port) for address in addresses(endpoints(written))]
    assert sorted(found) == sorted(ready(written))


@given(st.lists(slices(), min_size=1), st.sampled_from(["", "?ready=any", "?terminating=fallback"]))
def test_a_slice_that_is_there_twice_changes_nothing(written: list[Any], query: str) -> None:
    assert endpoints([*written, written[0]], query) == endpoints(written, query)


@given(st.lists(slices()))
def test_a_pod_is_one_endpoint_with_at_most_an_address_of_each_family(written: list[Any]) -> None:
    found = endpoints(written)
    for each in found:
        assert 1 <= len(each.addresses) <= 2
        assert len({address.family for address in each.addresses}) == len(each.addresses)
    pods = [each.attributes["pod"] for each in found if "pod" in each.attributes]
    assert len(pods) == len(set(pods))


@given(st.lists(slices()))
def test_a_family_is_a_part_of_both(written: list[Any]) -> None:
    both = addresses(endpoints(written))
    single = [addresses(endpoints(written, f"?family={family}")) for family in ("ipv4", "ipv6")]
    assert sorted(both) == sorted([*single[0], *single[1]])


@given(st.lists(slices()))
def test_ready_any_has_all_and_a_fallback_only_where_nobody_is_ready(written: list[Any]) -> None:
    strict, everyone, fallback = (endpoints(written, query) for query in ("", "?ready=any", "?terminating=fallback"))
    assert set(addresses(strict)) <= set(addresses(everyone))
    assert set(addresses(fallback)) <= set(addresses(everyone))
    if strict:
        assert fallback == strict
    else:
        assert all(each.attributes["serving"] and each.attributes["terminating"] for each in fallback)


@given(known=st.lists(slices().map(Slice.of)), data=st.data())
def test_what_was_made_before_changes_nothing(known: list[Slice], data: st.DataObject) -> None:
    question = Question.of(Target.parse("k8s:orders:http"))
    reader = Endpoints(question)
    for _ in range(4):
        # Unchanged slices are the same objects; others are in their place, come, and go.
        changed = data.draw(st.lists(slices().map(Slice.of)))
        there = data.draw(st.permutations([*known, *changed]))[: len(known) + 1]
        assert reader.of(SERVICE, there) == Endpoints(question).of(SERVICE, there)


@given(st.lists(slices().map(Slice.of)))
def test_endpoints_of_unchanged_slices_are_the_same_objects(known: list[Slice]) -> None:
    reader = Endpoints(Question.of(Target.parse("k8s:orders:http")))
    for before, after in zip(reader.of(SERVICE, known), reader.of(SERVICE, known), strict=True):
        assert before is after


def test_a_port_of_another_name_is_still_the_one_of_slices_that_have_not_heard_of_it() -> None:
    reader = Endpoints(Question.of(Target.parse("k8s:orders:80")))
    renamed = Service.of({"metadata": {"name": "orders"}, "spec": {"ports": [{"name": "web", "port": 80}]}})

    def written(name: str, port: str, number: int, manager: str = "endpointslice-controller.k8s.io") -> Slice:
        return Slice.of(
            {
                "metadata": {"name": name, "labels": {"endpointslice.kubernetes.io/managed-by": manager}},
                "addressType": "IPv4",
                "ports": [{"name": port, "port": number}],
                "endpoints": [{"addresses": [f"10.0.0.{name}"]}],
            }
        )

    def found(service: Service, *there: Slice) -> list[str]:
        return sorted(str(each) for each in reader.of(service, there))

    one, two, by_hand = written("1", "http", 8080), written("2", "http", 8080), written("3", "http", 8080, "ada")
    assert found(SERVICE, one, two, by_hand) == [f"ipv4:10.0.0.{number}:8080" for number in "123"]
    # Whoever writes slices by hand may have meant it; the controller will follow.
    assert found(renamed, one, two, by_hand) == ["ipv4:10.0.0.1:8080", "ipv4:10.0.0.2:8080"]
    assert found(renamed, written("1", "web", 9090), two) == ["ipv4:10.0.0.1:9090", "ipv4:10.0.0.2:8080"]
    # It has followed, and there is no such port.
    assert found(renamed, written("1", "web", 9090), written("2", "http", 8080)) == ["ipv4:10.0.0.1:9090"]


@given(st.lists(slices()))
def test_conditions_that_nobody_set_are_read_as_the_api_says(written: list[Any]) -> None:
    for each in endpoints(written, "?ready=any"):
        assert {type(each.attributes[name]) for name in ("ready", "serving", "terminating")} == {bool}
    bare = {"metadata": {"name": "s"}, "addressType": "IPv4", "ports": [{"name": "http", "port": 1}]}
    (only,) = endpoints([{**bare, "endpoints": [{"addresses": ["10.0.0.1"]}]}])
    assert dict(only.attributes) == {"ready": True, "serving": True, "terminating": False}
