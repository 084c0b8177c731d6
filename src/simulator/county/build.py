"""Everything about the county for one seed, in the order in which nature and people made it."""

from dataclasses import dataclass

from simulator.county.departments import Department, build_departments, department_contacts
from simulator.county.divisions import COUNTY_CODE, Division, build_divisions, in_county, outline
from simulator.county.enterprises import (
    Camera,
    Enterprise,
    build_cameras,
    build_enterprises,
    enterprise_contacts,
)
from simulator.county.people import (
    OFFICER,
    Contact,
    Numbers,
    build_contacts,
    people_with_habits,
    township_leaders,
)
from simulator.county.rivers import River, trace_rivers
from simulator.county.sites import HazardSite, Site, build_hazard_sites, build_sites, site_contacts
from simulator.county.stations import (
    SILENT_AFTER_S,
    link_villages,
    place_rain_stations,
    place_river_gauges,
)
from simulator.county.terrain import Terrain, build_terrain
from simulator.county.zones import Zone, build_zones
from simulator.world import Link, RainStation, RiverGauge, World


@dataclass(frozen=True, slots=True)
class County:
    """The county before it becomes files."""

    seed: int
    terrain: Terrain
    rivers: list[River]
    divisions: list[Division]
    rain_stations: list[RainStation]
    river_gauges: list[RiverGauge]
    links: list[Link]
    contacts: list[Contact]
    zones: list[Zone]
    departments: list[Department]
    enterprises: list[Enterprise]
    cameras: list[Camera]
    sites: list[Site]
    hazard_sites: list[HazardSite]

    @property
    def villages(self) -> list[Division]:
        """Villages in code order."""
        return [division for division in self.divisions if division.level == "village"]

    def world(self) -> World:
        """The part that the stations, the weather and the phones need."""
        people = people_with_habits(self.contacts, self.seed)
        return World(
            self.seed, COUNTY_CODE, SILENT_AFTER_S, self.rain_stations, self.river_gauges, self.links, people
        )


def build_county(seed: int) -> County:
    """Build the county; the same seed always gives the same county."""
    terrain = build_terrain(seed)
    rivers = trace_rivers(terrain, in_county(outline(seed)), seed)
    divisions = build_divisions(terrain, seed)
    villages = [division for division in divisions if division.level == "village"]
    stations = place_rain_stations(villages, seed)
    gauges = place_river_gauges(rivers, villages, stations, terrain, seed)
    links = link_villages(villages, stations, gauges, rivers, seed)
    numbers = Numbers()
    enterprises = build_enterprises(villages)
    contacts = build_contacts(divisions, seed, numbers)
    contacts += enterprise_contacts(enterprises, numbers, seed)
    helpers = {c.division: c.name for c in contacts if (c.post, c.role) == (OFFICER, "A")}
    zones = build_zones(villages, rivers, helpers, seed)
    cameras = build_cameras(villages, enterprises)
    sites = build_sites(villages, rivers, seed)
    hazard_sites = build_hazard_sites(villages, terrain, contacts, seed)
    # After everybody else, so that their numbers stay as they were.
    contacts += site_contacts(sites, numbers, seed)
    departments = build_departments()
    contacts += department_contacts(departments, numbers, seed)
    contacts += township_leaders(divisions, numbers, seed)
    return County(
        seed=seed,
        terrain=terrain,
        rivers=rivers,
        divisions=divisions,
        rain_stations=stations,
        river_gauges=gauges,
        links=links,
        contacts=contacts,
        zones=zones,
        departments=departments,
        enterprises=enterprises,
        cameras=cameras,
        sites=sites,
        hazard_sites=hazard_sites,
    )
