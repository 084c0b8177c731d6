// A mark on its way: corners that grow, and a mark that is carried. No map and no page in here.

import type { Feature, FeatureCollection, Position } from "geojson";
import type { Drawn, Shape } from "./data";

export type Place = [number, number];

const FEWEST: Record<Shape, number> = { point: 1, line: 2, area: 3 };

/** The geometry once there are enough corners, else null. */
export function geometryOf(shape: Shape, corners: readonly Place[]): Drawn | null {
  if (corners.length < FEWEST[shape]) return null;
  const line = corners.map(([lon, lat]): Position => [rounded(lon), rounded(lat)]);
  const first = line[0] as Position;
  if (shape === "point") return { type: "Point", coordinates: first };
  if (shape === "line") return { type: "LineString", coordinates: line };
  return { type: "Polygon", coordinates: [[...line, first]] };
}

/** The same geometry carried by so many degrees. */
export function carried(geometry: Drawn, byLon: number, byLat: number): Drawn {
  const one = ([lon = 0, lat = 0]: Position): Position => [rounded(lon + byLon), rounded(lat + byLat)];
  if (geometry.type === "Point") return { type: "Point", coordinates: one(geometry.coordinates) };
  if (geometry.type === "LineString") return { type: "LineString", coordinates: geometry.coordinates.map(one) };
  return { type: "Polygon", coordinates: geometry.coordinates.map((ring) => ring.map(one)) };
}

/** A point of it to hold it by. */
export function holdOf(geometry: Drawn): Place {
  const flat = geometry.type === "Point" ? [geometry.coordinates] : geometry.type === "LineString" ? geometry.coordinates : (geometry.coordinates[0] ?? []);
  const lons = flat.map(([lon = 0]) => lon);
  const lats = flat.map(([, lat = 0]) => lat);
  return [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
}

/** What the map draws of an unfinished mark: its outline so far and its corners. */
export function draftOf(shape: Shape | null, corners: readonly Place[], held: Drawn | null): FeatureCollection {
  const features: Feature[] = [];
  const add = (geometry: Feature["geometry"]): void => void features.push({ type: "Feature", properties: {}, geometry });
  if (held) add(held);
  if (shape === "area" && corners.length > 2) add({ type: "Polygon", coordinates: [[...corners, corners[0] as Place]] });
  else if (shape && shape !== "point" && corners.length > 1) add({ type: "LineString", coordinates: [...corners] });
  for (const corner of corners) add({ type: "Point", coordinates: corner });
  return { type: "FeatureCollection", features };
}

function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
