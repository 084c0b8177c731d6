// The map's layers, from the ground up. There are no tiles: everything is the county's own data.

import type { GeoJSONSource, LayerSpecification, Map as MapLibre, StyleSpecification } from "maplibre-gl";
import type { Tokens } from "../../shared/tokens";
import { namePoints, type LayerName, type MapData, type SeatState, type StationProperties } from "./data";
import { hatch, incidentSymbol, PIXEL_RATIO, seatColour, seatSymbol, stationSymbol, vehicleSymbol } from "./symbols";

const FONT = ["PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];
export const SEAT_STATES = ["waiting", "answered", "acting", "done", "unanswered", "lost"] as const;
const STATION_KINDS = ["rain", "river", "rain_river", "other"] as const;
const STATION_STATES = ["ok", "silent", "uncertain"] as const;
export const INCIDENT_SIGNS = ["natural", "accident", "health", "security"] as const;
export const LEVELS = [1, 2, 3, 4, null] as const;

/** Layers that a name in the legend switches together. */
export const LAYERS_BY_NAME: Record<LayerName, readonly string[]> = {
  divisions: ["county-area", "village-lines", "township-lines", "county-line", "township-names", "village-names"],
  rivers: ["rivers"],
  zones: ["zones", "zone-lines"],
  stations: ["stations", "station-readings"],
  vehicles: ["vehicles", "vehicle-names"],
  cameras: ["camera-views", "camera-lines", "cameras"],
  callout: ["callout-areas", "callout"],
  incidents: ["incidents", "incident-names"],
};

const SOURCES = ["divisions", "names", "rivers", "zones", "stations", "vehicles", "cameras", "callout", "incidents"] as const;

/** An empty style of the theme: sources and layers, no data yet. */
export function buildStyle(tokens: Tokens): StyleSpecification {
  const nothing = { type: "FeatureCollection" as const, features: [] };
  const sources = SOURCES.map((name) => {
    const promoted = name === "divisions" ? { promoteId: "code" } : {};
    return [name, { type: "geojson" as const, data: nothing, ...promoted }] as const;
  });
  return { version: 8, sources: Object.fromEntries(sources), layers: layers(tokens) };
}

function layers(tokens: Tokens): LayerSpecification[] {
  return [
    { id: "ground", type: "background", paint: { "background-color": tokens["--ground"] } },
    ...divisionLayers(tokens),
    {
      id: "rivers",
      type: "line",
      source: "rivers",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": tokens.isNight ? "#3f6f9c" : "#7fb0dc",
        "line-width": ["interpolate", ["linear"], ["zoom"], 8, 1, 13, 4],
      },
    },
    ...zoneLayers(tokens),
    ...cameraLayers(tokens),
    ...nameLayers(tokens),
    ...stationLayers(tokens),
    ...vehicleLayers(tokens),
    {
      id: "callout",
      type: "symbol",
      source: "callout",
      layout: {
        "icon-image": ["concat", "seat:", ["get", "state"]],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.6, 11, 1],
        "symbol-sort-key": ["match", ["get", "state"], ["unanswered", "lost"], 1, 0],
      },
    },
    ...incidentLayers(tokens),
  ];
}

function divisionLayers(tokens: Tokens): LayerSpecification[] {
  const byState = SEAT_STATES.flatMap((state: SeatState) => [state, seatColour(state, tokens)]);
  const outline = (id: string, level: string, width: number, dashes?: number[]): LayerSpecification => ({
    id,
    type: "line",
    source: "divisions",
    filter: ["==", ["get", "level"], level],
    paint: {
      "line-color": level === "county" ? tokens["--ink-soft"] : tokens["--line"],
      "line-width": width,
      ...(dashes ? { "line-dasharray": dashes } : {}),
    },
  });
  return [
    {
      id: "county-area",
      type: "fill",
      source: "divisions",
      filter: ["==", ["get", "level"], "county"],
      paint: { "fill-color": tokens["--paper"] },
    },
    {
      id: "callout-areas",
      type: "fill",
      source: "divisions",
      filter: ["==", ["get", "level"], "village"],
      paint: {
        "fill-color": ["match", ["coalesce", ["feature-state", "seat"], "none"], ...byState, "transparent"] as never,
        "fill-opacity": 0.25,
      },
    },
    outline("village-lines", "village", 0.6, [2, 2]),
    outline("township-lines", "township", 1.4),
    outline("county-line", "county", 2.4),
  ];
}

function zoneLayers(tokens: Tokens): LayerSpecification[] {
  return [
    {
      id: "zones",
      type: "fill",
      source: "zones",
      paint: { "fill-opacity": 0.8, "fill-pattern": ["concat", "hatch:", ["to-string", ["coalesce", ["get", "level"], "none"]]] },
    },
    {
      id: "zone-lines",
      type: "line",
      source: "zones",
      paint: {
        "line-color": [
          "match",
          ["coalesce", ["get", "level"], 0],
          1,
          tokens["--level-red"],
          2,
          tokens["--level-orange"],
          3,
          tokens["--level-yellow"],
          4,
          tokens["--level-blue"],
          tokens["--ink-soft"],
        ],
        "line-width": ["case", ["==", ["coalesce", ["get", "level"], 0], 0], 0.8, 2],
      },
    },
  ];
}

/** What cameras see, faint under everything else, and the cameras: filled on line, hollow otherwise. */
function cameraLayers(tokens: Tokens): LayerSpecification[] {
  const colour = ["match", ["get", "state"], "online", tokens["--level-blue"], tokens["--state-unknown"]] as never;
  return [
    {
      id: "camera-views",
      type: "fill",
      source: "cameras",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colour, "fill-opacity": 0.12 },
    },
    {
      id: "camera-lines",
      type: "line",
      source: "cameras",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "line-color": colour, "line-width": 1, "line-dasharray": [3, 2] },
    },
    {
      id: "cameras",
      type: "circle",
      source: "cameras",
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 5,
        "circle-color": ["match", ["get", "state"], "online", tokens["--level-blue"], tokens["--paper"]] as never,
        "circle-stroke-color": colour,
        "circle-stroke-width": 2,
      },
    },
  ];
}

function nameLayers(tokens: Tokens): LayerSpecification[] {
  const names = (id: string, level: string, size: number, minzoom: number): LayerSpecification => ({
    id,
    type: "symbol",
    source: "names",
    minzoom,
    filter: ["==", ["get", "level"], level],
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": size,
      // A village has its call-out sign in the middle.
      "text-variable-anchor": level === "village" ? ["top", "bottom", "left", "right"] : ["top", "bottom", "center"],
      "text-radial-offset": 1.1,
      "text-padding": 2,
    },
    paint: {
      "text-color": level === "village" ? tokens["--ink-soft"] : tokens["--ink"],
      "text-halo-color": tokens["--paper"],
      "text-halo-width": 1.5,
    },
  });
  return [names("village-names", "village", 11, 10), names("township-names", "township", 13, 0)];
}

function stationLayers(tokens: Tokens): LayerSpecification[] {
  return [
    {
      id: "stations",
      type: "symbol",
      source: "stations",
      layout: {
        "icon-image": [
          "concat",
          "station:",
          ["get", "kind"],
          ":",
          ["get", "state"],
          ":",
          ["to-string", ["coalesce", ["get", "level"], "none"]],
        ],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.65, 11, 1],
        "symbol-sort-key": ["-", 5, ["coalesce", ["get", "level"], 5]],
      },
    },
    {
      id: "station-readings",
      type: "symbol",
      source: "stations",
      minzoom: 9.5,
      layout: {
        "text-field": ["get", "reading"],
        "text-font": FONT,
        "text-size": 11,
        "text-anchor": "left",
        "text-offset": [1, 0],
        "text-optional": true,
      },
      paint: { "text-color": tokens["--ink"], "text-halo-color": tokens["--paper"], "text-halo-width": 1.5 },
    },
  ];
}

function incidentLayers(tokens: Tokens): LayerSpecification[] {
  return [
    {
      id: "incidents",
      type: "symbol",
      source: "incidents",
      layout: {
        "icon-image": ["concat", "incident:", ["get", "sign"], ":", ["to-string", ["coalesce", ["get", "level"], "none"]]],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.8, 11, 1.1],
        "symbol-sort-key": ["-", 5, ["coalesce", ["get", "level"], 5]],
      },
    },
    {
      id: "incident-names",
      type: "symbol",
      source: "incidents",
      minzoom: 9,
      layout: {
        "text-field": ["get", "type_text"],
        "text-font": FONT,
        "text-size": 12,
        "text-anchor": "top",
        "text-offset": [0, 1],
        "text-optional": true,
      },
      paint: { "text-color": tokens["--ink"], "text-halo-color": tokens["--paper"], "text-halo-width": 1.5 },
    },
  ];
}

function vehicleLayers(tokens: Tokens): LayerSpecification[] {
  return [
    {
      id: "vehicles",
      type: "symbol",
      source: "vehicles",
      layout: {
        "icon-image": ["concat", "vehicle:", ["get", "state"]],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.65, 11, 1],
      },
    },
    {
      id: "vehicle-names",
      type: "symbol",
      source: "vehicles",
      minzoom: 9.5,
      layout: {
        "text-field": ["concat", ["get", "name"], " ", ["get", "reading"]],
        "text-font": FONT,
        "text-size": 11,
        "text-anchor": "left",
        "text-offset": [1, 0],
        "text-optional": true,
      },
      paint: { "text-color": tokens["--ink"], "text-halo-color": tokens["--paper"], "text-halo-width": 1.5 },
    },
  ];
}

/** Puts the symbols of the theme into a freshly loaded style. */
export function addSymbols(map: MapLibre, tokens: Tokens): void {
  const add = (name: string, image: ImageData): void => {
    if (!map.hasImage(name)) map.addImage(name, image, { pixelRatio: PIXEL_RATIO });
  };
  for (const level of LEVELS) add(`hatch:${level ?? "none"}`, hatch(level, tokens));
  for (const state of SEAT_STATES) add(`seat:${state}`, seatSymbol(state, tokens));
  for (const sign of INCIDENT_SIGNS)
    for (const level of LEVELS) add(`incident:${sign}:${level ?? "none"}`, incidentSymbol({ sign, level }, tokens));
  for (const state of STATION_STATES) add(`vehicle:${state}`, vehicleSymbol(state, tokens));
  for (const kind of STATION_KINDS)
    for (const state of STATION_STATES)
      for (const level of LEVELS) {
        const station: Pick<StationProperties, "kind" | "level" | "state"> = { kind, state, level };
        add(`station:${kind}:${state}:${level ?? "none"}`, stationSymbol(station, tokens));
      }
}

/** Hands one collection to the map; call-out states also colour the villages' areas. */
export function showData(map: MapLibre, name: LayerName, data: MapData): void {
  const source = map.getSource<GeoJSONSource>(name);
  if (!source) return;
  source.setData(data[name]);
  if (name === "divisions") {
    map.getSource<GeoJSONSource>("names")?.setData(namePoints(data.divisions));
  }
  if (name === "callout" || name === "divisions") {
    map.removeFeatureState({ source: "divisions" });
    for (const { properties } of data.callout.features) {
      map.setFeatureState({ source: "divisions", id: properties.code }, { seat: properties.state });
    }
  }
}
