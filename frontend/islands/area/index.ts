// Drawing the area of a warning on the map. The form beside it holds the truth: the map reads and writes its fields.

import type { MultiPolygon, Polygon } from "geojson";
import {
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type GeoJSONSource,
  type MapMouseEvent,
  type MapTouchEvent,
} from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import { fetchJson, make, useStyles } from "../../shared/dom";
import type { Island } from "../../shared/island";
import { onThemeChange, readTokens } from "../../shared/tokens";
import { boxOf, emptyData, type MapData } from "../map/data";
import { addSymbols, buildStyle, showData } from "../map/style";
import "./area.css";
import { Counter, type Answer, type Question } from "./counting";
import { circleCorners, cornersOf, features, metres, polygonOf, readGeometry, type Corner } from "./shape";

interface Words {
  polygon: string;
  circle: string;
  undo: string;
  clear: string;
  done: string;
  hintPolygon: string;
  hintCircle: string;
  hintEdit: string;
  counting: string;
  failed: string;
  noWebgl: string;
  noBoundaries: string;
}

interface AreaProps {
  divisionsUrl: string;
  riversUrl: string;
  zonesUrl: string;
  sitesUrl: string;
  countUrl: string;
  csrf: string;
  /** Shown only, not drawn: the page of a warning. */
  fixed: boolean;
  area: string;
  text: Words;
}

type Mode = "look" | "polygon" | "circle";
type Layers = Pick<MapData, "divisions" | "rivers" | "zones">;

export function mount(element: HTMLElement, given: unknown): Island {
  useStyles(import.meta.url, "area");
  const editor = new AreaEditor(element, given as AreaProps);
  return { destroy: () => editor.destroy() };
}

class AreaEditor {
  readonly #props: AreaProps;
  readonly #element: HTMLElement;
  readonly #form: HTMLFormElement | null;
  readonly #hint = make("p", "area__hint");
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #data: Layers = emptyData();
  readonly #counter: Counter;
  readonly #stops: (() => void)[] = [];
  #sites: unknown = { type: "FeatureCollection", features: [] };
  #map: MapLibre | undefined;
  #mode: Mode = "look";
  #corners: Corner[] = [];
  #shape: Polygon | MultiPolygon | null = null;
  #middle: Corner | null = null;
  #held: number | null = null;
  #isDressed = false;
  #hasLooked = false;

  constructor(element: HTMLElement, props: AreaProps) {
    this.#element = element;
    this.#props = props;
    this.#form = element.closest("form");
    this.#counter = new Counter(props.countUrl, props.csrf, (answer, took) => this.#counted(answer, took));
    this.#hint.setAttribute("role", "status");
    const canvas = make("div", "area__canvas");
    element.classList.add("area");
    element.append(canvas, this.#hint);
    if (!props.fixed) element.append(this.#tools());
    this.#map = this.#start(canvas);
    this.#take(readGeometry(props.area || this.#field("geometry")?.value || ""));
    this.#stops.push(onThemeChange(() => this.#restyle()));
    this.#load();
    if (!props.fixed) this.#followForm();
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
    this.#map?.remove();
  }

  // The page beside the map

  #field(name: string): HTMLTextAreaElement | HTMLInputElement | HTMLSelectElement | null {
    const found = this.#form?.elements.namedItem(name);
    const isField =
      found instanceof HTMLTextAreaElement || found instanceof HTMLInputElement || found instanceof HTMLSelectElement;
    return isField ? found : null;
  }

  #followForm(): void {
    const listen = (event: Event): void => {
      const name = (event.target as HTMLInputElement | null)?.name ?? "";
      if (name === "geometry") this.#take(readGeometry(this.#field("geometry")?.value ?? ""));
      this.#ask();
    };
    this.#form?.addEventListener("change", listen);
    this.#stops.push(() => this.#form?.removeEventListener("change", listen));
    if (this.#shape || this.#chosen("villages").length > 0) this.#ask();
  }

  #chosen(name: string): string[] {
    const field = this.#field(name);
    return field instanceof HTMLSelectElement ? [...field.selectedOptions].map((one) => one.value).filter(Boolean) : [];
  }

  #ask(): void {
    const number = (name: string): number => Number.parseFloat(this.#field(name)?.value ?? "");
    const [lon, lat, km] = [number("circle_lon"), number("circle_lat"), number("circle_km")];
    const question: Question = {
      codes: this.#chosen("villages"),
      divisions: this.#chosen("divisions"),
      zones: this.#chosen("zones"),
      saved: this.#chosen("saved")[0] ?? "",
      downstream: this.#chosen("downstream")[0] ?? "",
      hour: Number.parseInt(this.#field("hour")?.value ?? "12", 10),
    };
    if (this.#shape) question.geometry = this.#shape;
    if ([lon, lat, km].every((part) => Number.isFinite(part))) question.circle = { lon, lat, km };
    this.#counter.ask(question);
  }

  #counted(answer: Answer | null, took: number): void {
    const note = document.querySelector<HTMLElement>("[data-count-note]");
    this.#element.dataset["took"] = String(Math.round(took));
    if (!answer || answer.refused) {
      if (note) note.textContent = answer?.refused ? `${answer.refused.sentence} ${answer.refused.next_step}` : this.#props.text.failed;
      return;
    }
    if (note) note.textContent = "";
    for (const place of document.querySelectorAll<HTMLElement>("[data-count]")) {
      const value = answer[place.dataset["count"] ?? ""];
      place.textContent = typeof value === "number" ? value.toLocaleString() : "—";
    }
    this.#element.dataset["counted"] = String(answer["villages"] ?? "");
  }

  // The shape

  #take(shape: Polygon | MultiPolygon | null): void {
    this.#shape = shape;
    this.#corners = cornersOf(shape) ?? [];
    this.#draw();
    if (shape && this.#map) {
      const box = boxOf([{ type: "Feature", properties: {}, geometry: shape }]);
      if (box) {
        this.#hasLooked = true;
        this.#map.fitBounds(box, { padding: 60, animate: false, maxZoom: 13 });
      }
    }
  }

  #changed(isFinal: boolean): void {
    this.#shape = polygonOf(this.#corners);
    this.#draw();
    if (this.#shape) this.#ask();
    if (!isFinal) return;
    const field = this.#field("geometry");
    if (field) field.value = this.#shape ? JSON.stringify(this.#shape) : "";
    document.body.dispatchEvent(new CustomEvent("anlan:area"));
    if (!this.#shape) this.#ask();
  }

  #draw(): void {
    if (!this.#isDressed) return;
    const shown = features(this.#shape, this.#corners, !this.#props.fixed && this.#corners.length <= 64);
    this.#map?.getSource<GeoJSONSource>("draft")?.setData(shown);
  }

  // The tools

  #tools(): HTMLElement {
    const box = make("div", "area__tools");
    const { text } = this.#props;
    const add = (name: string, words: string, press: () => void): void => {
      const button = make("button", "", words);
      button.type = "button";
      button.addEventListener("click", press);
      this.#buttons.set(name, button);
      box.append(button);
    };
    add("polygon", text.polygon, () => this.#turn("polygon"));
    add("circle", text.circle, () => this.#turn("circle"));
    add("undo", text.undo, () => this.#undo());
    add("done", text.done, () => this.#finish());
    add("clear", text.clear, () => this.#clear());
    return box;
  }

  #turn(mode: Mode): void {
    this.#mode = mode;
    for (const [name, button] of this.#buttons) button.setAttribute("aria-pressed", String(name === mode));
    const { hintPolygon, hintCircle, hintEdit } = this.#props.text;
    this.#hint.textContent = mode === "polygon" ? hintPolygon : mode === "circle" ? hintCircle : this.#shape ? hintEdit : "";
    if (mode !== "look") {
      this.#corners = [];
      this.#shape = null;
      this.#middle = null;
      this.#draw();
      this.#map?.doubleClickZoom.disable();
      if (this.#map) this.#map.getCanvas().style.cursor = "crosshair";
    } else {
      this.#map?.doubleClickZoom.enable();
      if (this.#map) this.#map.getCanvas().style.cursor = "";
    }
  }

  #undo(): void {
    if (this.#mode === "polygon" || this.#corners.length > 3) this.#corners = this.#corners.slice(0, -1);
    this.#changed(this.#mode === "look");
  }

  #finish(): void {
    this.#turn("look");
    this.#changed(true);
    if (this.#shape) this.#hint.textContent = this.#props.text.hintEdit;
  }

  #clear(): void {
    this.#corners = [];
    this.#turn("look");
    this.#changed(true);
  }

  // The map

  #start(canvas: HTMLElement): MapLibre | undefined {
    setWorkerUrl(new URL("./map-worker.js", import.meta.url).href);
    try {
      const map = new MapLibre({
        container: canvas,
        style: buildStyle(readTokens()),
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        maxZoom: 16,
        center: [104, 35],
        zoom: 3,
      });
      map.touchZoomRotate.disableRotation();
      map.addControl(new NavigationControl({ showCompass: false }), "top-right");
      map.addControl(new ScaleControl(), "bottom-right");
      map.on("style.load", () => this.#dress(map));
      map.on("idle", () => (this.#element.dataset["state"] = "drawn"));
      if (!this.#props.fixed) this.#listen(map);
      return map;
    } catch (error) {
      console.error("no map in this browser", error);
      canvas.hidden = true;
      this.#hint.textContent = this.#props.text.noWebgl;
      this.#element.dataset["state"] = "list";
      return undefined;
    }
  }

  #dress(map: MapLibre): void {
    const tokens = readTokens();
    addSymbols(map, tokens);
    const nothing = { type: "FeatureCollection" as const, features: [] };
    map.addSource("sites", { type: "geojson", data: nothing });
    map.addSource("draft", { type: "geojson", data: nothing });
    map.addLayer({
      id: "sites",
      type: "circle",
      source: "sites",
      minzoom: 9,
      paint: {
        "circle-radius": 4,
        "circle-color": ["match", ["get", "group"], "hazard", tokens["--level-orange"], tokens["--state-lost"]],
        "circle-stroke-width": 1,
        "circle-stroke-color": tokens["--paper"],
      },
    });
    map.addLayer({
      id: "draft-area",
      type: "fill",
      source: "draft",
      filter: ["in", ["geometry-type"], ["literal", ["Polygon", "MultiPolygon"]]],
      paint: { "fill-color": tokens["--level-red"], "fill-opacity": 0.15 },
    });
    map.addLayer({
      id: "draft-line",
      type: "line",
      source: "draft",
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": tokens["--level-red"], "line-width": 2 },
    });
    map.addLayer({
      id: "draft-corners",
      type: "circle",
      source: "draft",
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 6, "circle-color": "#ffffff", "circle-stroke-width": 2, "circle-stroke-color": tokens["--level-red"] },
    });
    this.#isDressed = true;
    this.#showLayers();
    this.#draw();
  }

  #restyle(): void {
    this.#isDressed = false;
    this.#map?.setStyle(buildStyle(readTokens()), { diff: false });
  }

  #load(): void {
    const { divisionsUrl, riversUrl, zonesUrl, sitesUrl, text } = this.#props;
    const into = async (url: string, keep: (data: unknown) => void): Promise<void> => {
      keep(await fetchJson(url));
      this.#showLayers();
    };
    const failed = (error: unknown): void => console.error("a layer could not be read", error);
    into(divisionsUrl, (data) => {
      this.#data.divisions = data as MapData["divisions"];
      if (this.#data.divisions.features.length === 0) this.#hint.textContent = text.noBoundaries;
    }).catch(failed);
    into(riversUrl, (data) => (this.#data.rivers = data as MapData["rivers"])).catch(failed);
    into(zonesUrl, (data) => (this.#data.zones = data as MapData["zones"])).catch(failed);
    into(sitesUrl, (data) => (this.#sites = data)).catch(failed);
  }

  #showLayers(): void {
    const map = this.#map;
    if (!map || !this.#isDressed) return;
    const all: MapData = { ...emptyData(), ...this.#data };
    for (const name of ["divisions", "rivers", "zones"] as const) showData(map, name, all);
    map.getSource<GeoJSONSource>("sites")?.setData(this.#sites as GeoJSON.FeatureCollection);
    const box = boxOf(this.#data.divisions.features);
    if (!this.#hasLooked && box) {
      this.#hasLooked = true;
      map.fitBounds(box, { padding: 16, animate: false });
    }
  }

  #listen(map: MapLibre): void {
    map.on("click", (event) => this.#clicked(event));
    map.on("dblclick", (event) => {
      if (this.#mode !== "polygon") return;
      event.preventDefault();
      // Both clicks of the double click set a corner at the same place.
      this.#corners = this.#corners.slice(0, -1);
      this.#finish();
    });
    const press = (event: MapMouseEvent | MapTouchEvent): void => {
      if (this.#mode !== "look" || !map.getLayer("draft-corners")) return;
      const near = map.queryRenderedFeatures(
        [
          [event.point.x - 10, event.point.y - 10],
          [event.point.x + 10, event.point.y + 10],
        ],
        { layers: ["draft-corners"] },
      );
      const index: unknown = near[0]?.properties["index"];
      if (typeof index !== "number") return;
      event.preventDefault();
      this.#held = index;
    };
    const move = (event: MapMouseEvent | MapTouchEvent): void => this.#moved(event);
    const release = (): void => {
      if (this.#held === null) return;
      this.#held = null;
      this.#changed(true);
    };
    map.on("mousedown", press);
    map.on("touchstart", press);
    map.on("mousemove", move);
    map.on("touchmove", move);
    map.on("mouseup", release);
    map.on("touchend", release);
    const keys = (event: KeyboardEvent): void => {
      if (this.#mode === "look") return;
      if (event.key === "Escape") this.#clear();
      else if (event.key === "Enter") this.#finish();
      else if (event.key === "Backspace") this.#undo();
      else return;
      event.preventDefault();
    };
    map.getCanvas().addEventListener("keydown", keys);
  }

  #clicked(event: MapMouseEvent): void {
    const at: Corner = [event.lngLat.lng, event.lngLat.lat];
    if (this.#mode === "polygon") {
      this.#corners = [...this.#corners, at];
      this.#changed(false);
    } else if (this.#mode === "circle") {
      if (!this.#middle) {
        this.#middle = at;
        return;
      }
      this.#corners = circleCorners(this.#middle, Math.max(100, metres(this.#middle, at)));
      this.#finish();
    }
  }

  #moved(event: MapMouseEvent | MapTouchEvent): void {
    const at: Corner = [event.lngLat.lng, event.lngLat.lat];
    if (this.#held !== null) {
      this.#corners = this.#corners.map((corner, index) => (index === this.#held ? at : corner));
      this.#changed(false);
    } else if (this.#mode === "circle" && this.#middle) {
      this.#corners = circleCorners(this.#middle, Math.max(100, metres(this.#middle, at)));
      this.#changed(false);
    }
  }
}
