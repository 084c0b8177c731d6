// Beside the map: the legend with its switches, and a list that says the same by keyboard and screen reader.

import { make } from "../../shared/dom";
import type { Tokens } from "../../shared/tokens";
import { centreOf, type IncidentSign, type LayerName, type MapData, type SeatState } from "./data";
import { hatch, incidentSymbol, pictureOf, seatSymbol, stationSymbol } from "./symbols";

export interface PanelWords {
  legend: string;
  list: string;
  layers: Record<LayerName, string>;
  seats: Record<SeatState, string>;
  rain: string;
  river: string;
  silent: string;
  uncertain: string;
  warned: string;
  dangerZone: string;
  incidentSigns?: Record<IncidentSign, string>;
}

export function legend(words: PanelWords, tokens: Tokens, toggle: (name: LayerName, on: boolean) => void): HTMLElement {
  const box = make("details", "map__legend");
  box.append(make("summary", "", words.legend), switches(words, toggle));
  const rows = make("ul", "map__symbols");
  const row = (image: ImageData, text: string): void => {
    const item = make("li", "");
    const picture = make("img", "");
    picture.src = pictureOf(image);
    picture.alt = "";
    picture.width = picture.height = 18;
    item.append(picture, text);
    rows.append(item);
  };
  row(stationSymbol({ kind: "rain", state: "ok", level: null }, tokens), words.rain);
  row(stationSymbol({ kind: "river", state: "ok", level: null }, tokens), words.river);
  row(stationSymbol({ kind: "rain", state: "silent", level: null }, tokens), words.silent);
  row(stationSymbol({ kind: "rain", state: "uncertain", level: null }, tokens), words.uncertain);
  for (const state of Object.keys(words.seats) as SeatState[]) row(seatSymbol(state, tokens), words.seats[state]);
  for (const [sign, text] of Object.entries(words.incidentSigns ?? {}) as [IncidentSign, string][])
    row(incidentSymbol({ sign, level: null }, tokens), text);
  row(hatch(1, tokens), words.warned);
  row(hatch(null, tokens), words.dangerZone);
  box.append(rows);
  return box;
}

function switches(words: PanelWords, toggle: (name: LayerName, on: boolean) => void): HTMLElement {
  const group = make("div", "map__switches");
  for (const name of Object.keys(words.layers) as LayerName[]) {
    const label = make("label", "");
    const box = make("input", "");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => toggle(name, box.checked));
    label.append(box, words.layers[name]);
    group.append(label);
  }
  return group;
}

interface Row {
  key: string;
  text: string;
  url: string;
  urgency: number;
  centre: [number, number] | null;
}

const SEAT_URGENCY: Record<SeatState, number> = { lost: 0, unanswered: 1, waiting: 2, acting: 6, answered: 7, done: 8 };

function rowsOf(data: MapData): Row[] {
  const seats = data.callout.features.map((feature) => ({
    key: `seat:${feature.properties.code}`,
    text: `${feature.properties.name} · ${feature.properties.state_text}`,
    url: feature.properties.url,
    urgency: SEAT_URGENCY[feature.properties.state],
    centre: centreOf(feature),
  }));
  const stations = [...data.stations.features, ...data.vehicles.features].map((feature) => ({
    key: `station:${feature.properties.code}`,
    text: [feature.properties.name, feature.properties.kind_text, feature.properties.reading, feature.properties.state_text]
      .filter(Boolean)
      .join(" · "),
    url: feature.properties.url,
    urgency: feature.properties.state === "silent" ? 5.5 : (feature.properties.level ?? 9),
    centre: centreOf(feature),
  }));
  const incidents = data.incidents.features.map((feature) => ({
    key: `incident:${feature.properties.id}`,
    text: `${feature.properties.name} · ${feature.properties.state_text}`,
    url: feature.properties.url,
    urgency: (feature.properties.level ?? 4) - 0.5,
    centre: centreOf(feature),
  }));
  return [...incidents, ...seats, ...stations].sort((a, b) => a.urgency - b.urgency || a.text.localeCompare(b.text));
}

/** The same things as a list, gravest first; the focused row is shown on the map, and focus survives a refresh. */
export class ThingList {
  readonly element: HTMLDetailsElement;
  readonly #list = make("ul", "map__things");
  readonly #look: (centre: [number, number]) => void;

  constructor(words: PanelWords, look: (centre: [number, number]) => void) {
    this.#look = look;
    this.element = make("details", "map__list");
    this.element.append(make("summary", "", words.list), this.#list);
  }

  show(data: MapData): void {
    const active = document.activeElement;
    const focused = active instanceof HTMLElement ? active.dataset["thing"] : undefined;
    this.#list.replaceChildren(...rowsOf(data).map((row) => this.#item(row)));
    if (focused) this.#list.querySelector<HTMLElement>(`[data-thing="${CSS.escape(focused)}"]`)?.focus();
  }

  #item(row: Row): HTMLLIElement {
    const item = make("li", "");
    const link = make("a", "", row.text);
    link.href = row.url;
    link.dataset["thing"] = row.key;
    const centre = row.centre;
    if (centre) link.addEventListener("focus", () => this.#look(centre));
    item.append(link);
    return item;
  }
}
