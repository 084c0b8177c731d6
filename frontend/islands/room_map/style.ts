// The layers of the room over those of the county's map: tracks, areas and lines, symbols with words, teams, scenes, the draft.

import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre } from "maplibre-gl";
import type { Tokens } from "../../shared/tokens";
import { LAYERS_BY_NAME as COUNTY } from "../map/style";
import type { PlotData, RoomLayer, SymbolFace } from "./data";

const FONT = ["PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];
const SOURCES = ["tracks", "marks", "scenes", "teams", "draft"] as const;
const PICTURE = 32;
const RATIO = 2;

export const LAYERS_BY_NAME: Record<RoomLayer, readonly string[]> = {
  divisions: COUNTY.divisions,
  rivers: COUNTY.rivers,
  zones: COUNTY.zones,
  callout: COUNTY.callout,
  incidents: COUNTY.incidents,
  scenes: ["scenes", "scene-names"],
  teams: ["tracks", "teams"],
  marks: ["mark-areas", "mark-edges", "mark-lines", "mark-dashes", "mark-points", "mark-line-names", "mark-area-names"],
};
/** Layers whose marks can be chosen. */
export const MARK_LAYERS = ["mark-points", "mark-line-names", "mark-area-names", "mark-lines", "mark-dashes", "mark-areas"];

/** Puts sources and layers into a freshly loaded style. */
export function addRoom(map: MapLibre, tokens: Tokens, palette: readonly SymbolFace[]): void {
  for (const name of SOURCES) {
    map.addSource(name, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  }
  for (const layer of layers(tokens, palette)) map.addLayer(layer);
}

/** The drawings of the symbols as images of the map; each comes when it has been read. */
export function addPictures(map: MapLibre, palette: readonly SymbolFace[]): void {
  for (const face of palette) {
    const picture = new Image(PICTURE * RATIO, PICTURE * RATIO);
    picture.addEventListener("load", () => {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = PICTURE * RATIO;
      const pen = canvas.getContext("2d");
      if (!pen || map.hasImage(`mark:${face.code}`)) return;
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      map.addImage(`mark:${face.code}`, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: RATIO });
    });
    picture.src = face.picture;
  }
}

export function showRoom(map: MapLibre, data: PlotData): void {
  for (const name of ["tracks", "marks", "scenes", "teams"] as const) {
    map.getSource<GeoJSONSource>(name)?.setData(data[name]);
  }
}

function layers(tokens: Tokens, palette: readonly SymbolFace[]): LayerSpecification[] {
  const colours = palette.flatMap((face) => [face.code, tokens[face.colour]]);
  const ink = ["match", ["get", "symbol"], ...colours, tokens["--ink-soft"]] as unknown as ExpressionSpecification;
  const dashed = palette.filter((face) => face.dashed).map((face) => face.code);
  const isDashed: ExpressionSpecification = ["in", ["get", "symbol"], ["literal", dashed]];
  const isKind = (kind: string): ExpressionSpecification => ["==", ["geometry-type"], kind];
  const words = { "text-color": tokens["--ink"], "text-halo-color": tokens["--paper"], "text-halo-width": 1.8 };
  return [
    {
      id: "tracks",
      type: "line",
      source: "tracks",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": tokens["--level-blue"], "line-width": 2.5, "line-dasharray": [0.5, 2], "line-opacity": 0.8 },
    },
    { id: "mark-areas", type: "fill", source: "marks", filter: isKind("Polygon"), paint: { "fill-color": ink, "fill-opacity": 0.16 } },
    { id: "mark-edges", type: "line", source: "marks", filter: isKind("Polygon"), paint: { "line-color": ink, "line-width": 2 } },
    {
      id: "mark-lines",
      type: "line",
      source: "marks",
      filter: ["all", isKind("LineString"), ["!", isDashed]],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": ink, "line-width": 4 },
    },
    {
      id: "mark-dashes",
      type: "line",
      source: "marks",
      filter: ["all", isKind("LineString"), isDashed],
      paint: { "line-color": ink, "line-width": 4, "line-dasharray": [2, 1.4] },
    },
    named("mark-line-names", isKind("LineString"), words, "line-center"),
    named("mark-area-names", isKind("Polygon"), words, "point"),
    named("mark-points", isKind("Point"), words, "point"),
    {
      id: "scenes",
      type: "circle",
      source: "scenes",
      paint: { "circle-radius": 13, "circle-color": tokens["--paper"], "circle-stroke-width": 3, "circle-stroke-color": tokens["--level-red"] },
    },
    {
      id: "scene-names",
      type: "symbol",
      source: "scenes",
      layout: {
        "text-field": ["format", ["to-string", ["get", "number"]], { "font-scale": 1.2 }, ["concat", "\n\n", ["get", "name"], " ", ["get", "state_text"]], {}],
        "text-font": FONT,
        "text-size": 12,
        "text-allow-overlap": true,
        "text-anchor": "top",
        "text-offset": [0, -0.6],
      },
      paint: words,
    },
    {
      id: "teams",
      type: "symbol",
      source: "teams",
      layout: {
        "icon-image": "mark:team",
        "icon-size": 0.8,
        "icon-allow-overlap": true,
        "text-field": [
          "concat",
          ["match", ["get", "how"], "old", "? ", "base", "⌂ ", ""],
          ["get", "name"],
          " ",
          ["get", "state_text"],
          ["case", ["get", "late"], " !", ""],
          ["case", [">", ["get", "checks_missed"], 0], " ✆!", ""],
        ],
        "text-font": FONT,
        "text-size": 12,
        "text-anchor": "top",
        "text-offset": [0, 1.2],
        "text-optional": true,
      },
      paint: { ...words, "icon-opacity": ["match", ["get", "how"], ["old", "base"], 0.6, 1] },
    },
    { id: "draft-area", type: "fill", source: "draft", filter: isKind("Polygon"), paint: { "fill-color": tokens["--level-blue"], "fill-opacity": 0.15 } },
    {
      id: "draft-line",
      type: "line",
      source: "draft",
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": tokens["--level-blue"], "line-width": 2, "line-dasharray": [2, 1] },
    },
    {
      id: "draft-corners",
      type: "circle",
      source: "draft",
      filter: isKind("Point"),
      paint: { "circle-radius": 6, "circle-color": "#ffffff", "circle-stroke-width": 2, "circle-stroke-color": tokens["--level-blue"] },
    },
  ];
}

/** A symbol with its words; the text symbol is its words alone. */
function named(
  id: string,
  filter: ExpressionSpecification,
  paint: Record<string, string | number>,
  placement: "point" | "line-center",
): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: "marks",
    filter,
    layout: {
      "symbol-placement": placement,
      "icon-image": ["concat", "mark:", ["get", "symbol"]],
      "icon-size": placement === "point" ? 1 : 0.75,
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "icon-rotation-alignment": "viewport",
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": 12,
      "text-anchor": "top",
      "text-offset": [0, 1.4],
      "text-optional": true,
      "text-rotation-alignment": "viewport",
    },
    paint,
  };
}
