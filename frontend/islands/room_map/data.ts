// What the room map is told: one document of the incident, and its props. GeoJSON in WGS84.

import type { Feature, FeatureCollection, Geometry, LineString, Point, Polygon } from "geojson";
import type { TokenName } from "../../shared/tokens";

export type Shape = "point" | "line" | "area";
export type Drawn = Point | LineString | Polygon;

export interface SymbolFace {
  code: string;
  word: string;
  shape: Shape;
  shapeWord: string;
  /** A custom property of the page's style sheet. */
  colour: TokenName;
  dashed: boolean;
  /** Address of the drawing. */
  picture: string;
}

export interface MarkProperties {
  id: string;
  symbol: string;
  word: string;
  label: string;
  /** The label, else the word of the symbol. */
  name: string;
  by: string;
  at: string;
  version: number;
}

export interface TeamProperties {
  id: string;
  name: string;
  state: string;
  state_text: string;
  /** "fix" heard lately, "old" heard long ago, "place" where it said it is, "base" where it is at home. */
  how: "fix" | "old" | "place" | "base";
  read_at: string | null;
  late: boolean;
  checks_missed: number;
}

export interface SceneProperties {
  id: string;
  name: string;
  number: number;
  state_text: string;
  priority: number;
  version: number;
}

export type Mark = Feature<Drawn, MarkProperties>;
export type SceneFeature = Feature<Point, SceneProperties>;

export interface PlotData {
  marks: FeatureCollection<Drawn, MarkProperties>;
  teams: FeatureCollection<Point, TeamProperties>;
  tracks: FeatureCollection<LineString, { id: string; name: string }>;
  scenes: FeatureCollection<Point, SceneProperties>;
  read_at: string;
}

export type RoomLayer = "divisions" | "rivers" | "zones" | "callout" | "incidents" | "scenes" | "teams" | "marks";

export interface Words {
  legend: string;
  list: string;
  layers: Partial<Record<RoomLayer, string>>;
  noWebgl: string;
  failed: string;
  open: string;
  palette: string;
  label: string;
  place: string;
  finish: string;
  undo: string;
  cancel: string;
  move: string;
  moveHere: string;
  moveScene: string;
  confirm: string;
  relabel: string;
  remove: string;
  hintPoint: string;
  hintLine: string;
  hintMove: string;
  stored: string;
  nothing: string;
  position: string;
  drawn: string;
  notStored: string;
}

export interface RoomProps {
  divisionsUrl: string;
  riversUrl: string;
  zonesUrl: string;
  calloutUrl: string;
  incidentsUrl: string;
  plotUrl: string;
  actUrl: string;
  csrf: string;
  mayDraw: boolean;
  /** Ids of scenes that may be dragged by somebody who does not draw. */
  ownScenes: string[];
  focus: [number | null, number | null] | null;
  palette: SymbolFace[];
  text: Words;
  /** In a replay: what stood at that moment. Then nothing of the present is asked for; later moments come as `MOMENT`. */
  past?: PlotData;
}

/** A replay shows another moment: `detail` is its document. */
export const MOMENT = "anlan:moment";

declare global {
  interface DocumentEventMap {
    "anlan:moment": CustomEvent<PlotData>;
  }
}

export function emptyPlot(): PlotData {
  const none = <G extends Geometry, P>(): FeatureCollection<G, P> => ({ type: "FeatureCollection", features: [] });
  return { marks: none(), teams: none(), tracks: none(), scenes: none(), read_at: "" };
}
