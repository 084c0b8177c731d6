"""Rings in "must be finished first" and "is called by": pure, for any number of nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping


def rings(after: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """One ring for every knot of nodes that wait for each other, a shortest one that goes through its first node by name.

    A ring a → b → c is ("a", "b", "c"): a waits for b, b for c, c for a. Names that are no node are ignored.
    """
    edges = {node: sorted({one for one in given if one in after}) for node, given in after.items()}
    found = []
    for knot in _knots(edges):
        ring = _shortest_ring(min(knot), edges, knot)
        if ring:
            found.append(ring)
    return sorted(found)


def _knots(edges: Mapping[str, list[str]]) -> list[set[str]]:
    """Strongly connected sets of nodes (Kosaraju: order by finish, then walk against the edges), without recursion."""
    backwards: dict[str, list[str]] = {node: [] for node in edges}
    for node, given in edges.items():
        for one in given:
            backwards[one].append(node)
    seen: set[str] = set()
    order: list[str] = []
    for node in edges:
        if node not in seen:
            order += _finished(node, edges, seen)
    knots = []
    seen = set()
    for node in reversed(order):
        if node not in seen:
            knots.append(set(_finished(node, backwards, seen)))
    return knots


def _finished(start: str, edges: Mapping[str, list[str]], seen: set[str]) -> list[str]:
    """Nodes reached from `start` that nobody saw before, each after all that it leads to."""
    order: list[str] = []
    seen.add(start)
    path = [(start, iter(edges[start]))]
    while path:
        node, left = path[-1]
        step = next((one for one in left if one not in seen), None)
        if step is None:
            order.append(node)
            path.pop()
        else:
            seen.add(step)
            path.append((step, iter(edges[step])))
    return order


def _shortest_ring(start: str, edges: Mapping[str, list[str]], knot: set[str]) -> tuple[str, ...]:
    """A shortest way from a node back to itself inside its knot; () when there is none."""
    came_from: dict[str, str] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for one in edges[node]:
            if one == start:
                return _way(start, node, came_from)
            if one in knot and one not in came_from:
                came_from[one] = node
                queue.append(one)
    return ()


def _way(start: str, end: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))
