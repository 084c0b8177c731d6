// The shape being drawn: corners of one outline, longitude and latitude in degrees. No map and no page in here.

import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";

export type Corner = [number, number];

const CIRCLE_POINTS = 64;
/** Metres of one degree of latitude (mean radius of the IUGG). */
const METRES_A_DEGREE = 111_195.08;

/** The corners of a circle; the same rule as on the server. */
export function circleCorners(middle: Corner, radiusM: number): Corner[] {
  const up = radiusM / METRES_A_DEGREE;
  const across = up / Math.max(0.1, Math.cos((middle[1] * Math.PI) / 180));
  return Array.from({ length: CIRCLE_POINTS }, (_, n) => {
    const turn = (2 * Math.PI * n) / CIRCLE_POINTS;
    return [middle[0] + across * Math.cos(turn), middle[1] + up * Math.sin(turn)];
  });
}

/** Metres between two points, flat: good enough for a radius that a person draws. */
export function metres(one: Corner, other: Corner): number {
  const across = (other[0] - one[0]) * Math.cos((((one[1] + other[1]) / 2) * Math.PI) / 180);
  return METRES_A_DEGREE * Math.hypot(across, other[1] - one[1]);
}

/** A closed polygon of at least three corners, else null. */
export function polygonOf(corners: readonly Corner[]): Polygon | null {
  if (corners.length < 3) return null;
  const ring = corners.map(([lon, lat]): Position => [rounded(lon), rounded(lat)]);
  return { type: "Polygon", coordinates: [[...ring, ring[0] as Position]] };
}

/** What a text field holds, if it is an area; anything else is left to the server to refuse. */
export function readGeometry(text: string): Polygon | MultiPolygon | null {
  try {
    const found = JSON.parse(text) as { type?: string; geometry?: unknown };
    const shape = (found.type === "Feature" ? found.geometry : found) as Polygon | MultiPolygon | null;
    return shape && (shape.type === "Polygon" || shape.type === "MultiPolygon") ? shape : null;
  } catch {
    return null;
  }
}

/** Corners to drag: of a single outline without holes that is not too long; a bigger shape is shown and not edited. */
export function cornersOf(shape: Polygon | MultiPolygon | null): Corner[] | null {
  if (!shape || shape.type !== "Polygon" || shape.coordinates.length !== 1) return null;
  const ring = shape.coordinates[0] ?? [];
  if (ring.length > 130) return null;
  return ring.slice(0, -1).map(([lon = 0, lat = 0]): Corner => [lon, lat]);
}

/** What the map draws: the area (or the line so far) and its corners. */
export function features(
  shape: Polygon | MultiPolygon | null,
  corners: readonly Corner[],
  showCorners: boolean,
): FeatureCollection {
  const found: Feature[] = [];
  if (shape) found.push({ type: "Feature", properties: {}, geometry: shape });
  else if (corners.length > 1) {
    found.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [...corners] } });
  }
  if (showCorners) {
    corners.forEach((corner, index) => {
      found.push({ type: "Feature", properties: { index }, geometry: { type: "Point", coordinates: corner } });
    });
  }
  return { type: "FeatureCollection", features: found };
}

function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
