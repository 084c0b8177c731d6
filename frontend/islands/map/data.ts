// What the map is told: GeoJSON in WGS84, with these properties.

import type { Feature, FeatureCollection, Geometry, Position } from "geojson";

export interface DivisionProperties {
  code: string;
  name: string;
  level: "county" | "township" | "village";
}

export interface StationProperties {
  code: string;
  name: string;
  /** Kinds with a sign of their own; everything else is "other" and named by `kind_text`. */
  kind: "rain" | "river" | "rain_river" | "other";
  kind_text: string;
  /** 1 red … 4 blue, null below every threshold. */
  level: number | null;
  /** Heard within its time, not heard, or heard with gaps. */
  state: "ok" | "silent" | "uncertain";
  /** Words of the state, and of the level where there is one. */
  state_text: string;
  /** Value with its unit, as a person reads it. */
  reading: string;
  /** Phenomenon time of the reading, ISO 8601. */
  read_at: string | null;
  url: string;
}

export type SeatState = "waiting" | "answered" | "acting" | "done" | "unanswered" | "lost";

export interface CalloutProperties {
  /** Division code of the village. */
  code: string;
  name: string;
  state: SeatState;
  state_text: string;
  /** Warning level of the call-out. */
  level: number | null;
  url: string;
}

export interface ZoneProperties {
  id: string;
  name: string;
  /** A warned area has a level; a danger zone without a warning has none. */
  level: number | null;
  state_text: string;
  url: string;
}

export interface CameraProperties {
  code: string;
  name: string;
  state: "online" | "offline" | "unknown";
  state_text: string;
  url: string;
}

export type IncidentSign = "natural" | "accident" | "health" | "security";

/** An open incident: class as a sign, grade as a colour, both in words. */
export interface IncidentProperties {
  id: string;
  name: string;
  sign: IncidentSign;
  level: number | null;
  /** Type in one or two words, written beside the sign. */
  type_text: string;
  state_text: string;
  /** When it became known, ISO 8601. */
  read_at: string;
  url: string;
}

export interface MapData {
  divisions: FeatureCollection<Geometry, DivisionProperties>;
  rivers: FeatureCollection;
  zones: FeatureCollection<Geometry, ZoneProperties>;
  stations: FeatureCollection<Geometry, StationProperties>;
  /** Like stations, at their last position; an old position is "silent". */
  vehicles: FeatureCollection<Geometry, StationProperties>;
  /** A point and the outline of the view for each. */
  cameras: FeatureCollection<Geometry, CameraProperties>;
  callout: FeatureCollection<Geometry, CalloutProperties>;
  incidents: FeatureCollection<Geometry, IncidentProperties>;
}

export type LayerName = keyof MapData;

export function emptyData(): MapData {
  const none = <P>(): FeatureCollection<Geometry, P> => ({ type: "FeatureCollection", features: [] });
  return {
    divisions: none(),
    rivers: none(),
    zones: none(),
    stations: none(),
    vehicles: none(),
    cameras: none(),
    callout: none(),
    incidents: none(),
  };
}

export type Box = [number, number, number, number];

/** The box around everything drawn, or null when nothing is. */
export function boxOf(features: readonly Feature<Geometry | null>[]): Box | null {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const feature of features) {
    if (feature.geometry && "coordinates" in feature.geometry) widen(box, feature.geometry.coordinates);
  }
  return Number.isFinite(box[0]) ? box : null;
}

type Nested = Position | Nested[];

function widen(box: Box, coordinates: Nested): void {
  const [first, second] = coordinates;
  if (typeof first === "number" && typeof second === "number") {
    box[0] = Math.min(box[0], first);
    box[1] = Math.min(box[1], second);
    box[2] = Math.max(box[2], first);
    box[3] = Math.max(box[3], second);
    return;
  }
  for (const part of coordinates as Nested[]) widen(box, part);
}

/** One point a division to write its name at: the middle of its box, near enough for a name. */
export function namePoints(divisions: MapData["divisions"]): FeatureCollection<Geometry, DivisionProperties> {
  const features = divisions.features.flatMap((feature) => {
    const box = boxOf([feature]);
    if (!box || feature.properties.level === "county") return [];
    const coordinates = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    return [{ ...feature, geometry: { type: "Point" as const, coordinates } }];
  });
  return { type: "FeatureCollection", features };
}

/** A point of a feature to look at it. */
export function centreOf(feature: Feature<Geometry | null>): [number, number] | null {
  const box = boxOf([feature]);
  return box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : null;
}
