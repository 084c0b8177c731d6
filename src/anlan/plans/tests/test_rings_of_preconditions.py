"""Rings are found exactly where a slow, obvious search finds them, and what is named as a ring is one."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from anlan.plans.graphs import rings

NAMES = [f"t{number}" for number in range(7)]
#: Who waits for whom; the last name is no node.
EDGES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([*NAMES, "nowhere"])), max_size=14)


def graph(edges: list[tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [to for one, to in edges if one == name] for name in NAMES}


def reached(after: dict[str, list[str]]) -> dict[str, set[str]]:
    """Everything that each node leads to, by going on until nothing is added."""
    found = {node: {one for one in given if one in after} for node, given in after.items()}
    for _round in after:
        for node in found:
            found[node] = found[node].union(*(found[one] for one in found[node]))
    return found


def knots(after: dict[str, list[str]]) -> set[frozenset[str]]:
    to = reached(after)
    return {
        frozenset(one for one in after if one in to[node] and node in to[one])
        for node in after
        if node in to[node]
    }


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDGES)
@example([("t0", "t0")])
@example([("t0", "t1"), ("t1", "t2"), ("t2", "t0"), ("t2", "t3"), ("t3", "t4"), ("t4", "t3")])
def test_every_knot_has_one_ring_and_every_ring_is_one(edges: list[tuple[str, str]]) -> None:
    after = graph(edges)
    found = rings(after)
    for ring in found:
        assert len(set(ring)) == len(ring)
        for node, then in zip(ring, [*ring[1:], ring[0]], strict=True):
            assert then in after[node]
    expected = knots(after)
    assert len(found) == len(expected)
    assert {next(knot for knot in expected if ring[0] in knot) for ring in found} == expected


def test_a_chain_of_ten_thousand_tasks_is_no_ring_and_breaks_nothing() -> None:
    chain = {f"t{number}": [f"t{number + 1}"] for number in range(10_000)}
    assert rings(chain) == []
    chain["t9999"] = ["t0"]
    [ring] = rings(chain)
    assert len(ring) == 10_000


def test_of_several_ways_round_the_shortest_is_named() -> None:
    assert rings({"a": ["b", "c"], "b": ["c"], "c": ["a"]}) == [("a", "c")]
