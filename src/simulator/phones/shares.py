"""A county in which a given share of the people never answers a call, and a share of the villages answers nothing at all."""

import random
from dataclasses import replace

from simulator.seeds import stream
from simulator.world import World


def with_shares(world: World, *, deaf: float, mute: float, seed: int) -> World:
    """The same people with new habits, exact shares: `deaf` of the phones answer texts only, `mute` of the villages not at all.

    Duty rooms ("reliable") answer in any case: somebody must be left to whom a silent village is handed.
    """
    villagers = [person for person in world.people if person.habit != "reliable"]
    rng = stream(seed, "shares")
    silent = set(_mute(world, mute, rng))
    phones = sorted(person.phone for person in villagers if person.division not in silent)
    rng.shuffle(phones)
    habits = dict.fromkeys(phones, "prompt") | dict.fromkeys(
        phones[: round(deaf * len(phones))], "deaf_to_calls"
    )
    habits |= {person.phone: "never" for person in villagers if person.division in silent}
    people = [replace(person, habit=habits.get(person.phone, person.habit)) for person in world.people]
    return replace(world, people=people)


def mute_villages(world: World, *, mute: float, seed: int) -> list[str]:
    """Codes of the villages that `with_shares` of the same share and seed makes answer nothing, sorted."""
    return sorted(_mute(world, mute, stream(seed, "shares")))


def _mute(world: World, share: float, rng: random.Random) -> list[str]:
    villages = sorted({person.division for person in world.people if person.habit != "reliable"})
    rng.shuffle(villages)
    return villages[: round(share * len(villages))]
