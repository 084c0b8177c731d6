"""Whom a plan names: the words by which an addressee finds the plans that concern him."""

from __future__ import annotations

from collections.abc import Iterator

from anlan.plans.content import Address, AddressKind, Content

#: What stands in `Plan.named` for places that are known only once something happens.
ALL_TOWNSHIPS, ALL_VILLAGES, THE_UNIT, THE_COUNTY = "township", "village", "enterprise", "county"
_LEVELS = {
    AddressKind.AFFECTED_TOWNSHIPS: ALL_TOWNSHIPS,
    AddressKind.AFFECTED_VILLAGES: ALL_VILLAGES,
    AddressKind.UNIT: THE_UNIT,
    AddressKind.COUNTY: THE_COUNTY,
}


def addresses(content: Content) -> Iterator[Address]:
    """Every address of a plan, in the order of its parts."""
    for level in content.levels:
        yield from level.notify
    for post in content.posts:
        yield post.address
        if post.deputy is not None:
            yield post.deputy
    for group in content.groups:
        yield from group.members
    for task in content.tasks:
        yield task.owner
    for contact in content.contacts:
        yield contact.address


def named(content: Content) -> list[str]:
    """Codes of divisions and the levels above, sorted, each once. A department known by name alone is left out."""
    found = {_LEVELS.get(one.kind, one.code) for one in addresses(content)}
    return sorted(found - {""})
