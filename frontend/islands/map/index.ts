// The county on one map: divisions, rivers, warned areas, stations with their values, villages by call-out state.

import { Map as MapLibre, NavigationControl, Popup, ScaleControl, setWorkerUrl, type MapLayerMouseEvent } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import { fetchJson, make, useStyles } from "../../shared/dom";
import type { Island } from "../../shared/island";
import { refreshOn } from "../../shared/refresh";
import { onThemeChange, readTokens } from "../../shared/tokens";
import { boxOf, emptyData, type LayerName, type MapData } from "./data";
import "./map.css";
import { legend, ThingList, type PanelWords } from "./panel";
import { addSymbols, buildStyle, LAYERS_BY_NAME, showData } from "./style";

interface MapProps {
  divisionsUrl?: string;
  riversUrl?: string;
  zonesUrl?: string;
  stationsUrl?: string;
  vehiclesUrl?: string;
  camerasUrl?: string;
  calloutUrl?: string;
  incidentsUrl?: string;
  /** Where to look first, in place of the whole county. */
  focus?: [number, number] | null;
  text: PanelWords & { noBoundaries: string; noWebgl: string; failed: string; open: string };
}

/** Topics that make a layer stale; `reconnected` means that something was missed. */
const TOPICS: Record<LayerName, readonly string[]> = {
  divisions: [],
  rivers: [],
  zones: ["warning", "reconnected"],
  stations: ["reading", "station", "reconnected"],
  vehicles: ["reading", "station", "reconnected"],
  cameras: ["reconnected"],
  callout: ["callout", "warning", "reconnected"],
  incidents: ["incident", "reconnected"],
};
const CLICKABLE = ["incidents", "callout", "vehicles", "stations", "cameras", "zones"] as const;

export function mount(element: HTMLElement, given: unknown): Island {
  useStyles(import.meta.url, "map");
  const map = new CountyMap(element, given as MapProps);
  return { destroy: () => map.destroy() };
}

class CountyMap {
  readonly #props: MapProps;
  readonly #element: HTMLElement;
  readonly #note = make("p", "map__note");
  readonly #data: MapData = emptyData();
  readonly #things: ThingList;
  readonly #hidden = new Set<LayerName>();
  readonly #stops: (() => void)[] = [];
  #legend = make("div", "");
  #map: MapLibre | undefined;
  #hasLooked = false;
  /** The style has its symbols and sources; until then data waits in `#data`. */
  #isDressed = false;

  constructor(element: HTMLElement, props: MapProps) {
    this.#element = element;
    this.#props = props;
    this.#things = new ThingList(props.text, (center) => this.#map?.easeTo({ center, zoom: 11, essential: true }));
    this.#note.setAttribute("role", "status");
    const canvas = make("div", "map__canvas");
    element.classList.add("map");
    element.append(canvas, this.#note, this.#legend, this.#things.element);
    this.#map = this.#start(canvas);
    this.#drawLegend();
    this.#stops.push(onThemeChange(() => this.#restyle()));
    for (const name of Object.keys(this.#data) as LayerName[]) this.#follow(name);
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
    this.#map?.remove();
  }

  /** Without WebGL the list is the map. */
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
      for (const layer of CLICKABLE) this.#makeClickable(map, layer);
      return map;
    } catch (error) {
      console.error("no map in this browser", error);
      canvas.hidden = true;
      this.#note.textContent = this.#props.text.noWebgl;
      this.#things.element.open = true;
      this.#element.dataset["state"] = "list";
      return undefined;
    }
  }

  #dress(map: MapLibre): void {
    addSymbols(map, readTokens());
    this.#isDressed = true;
    for (const name of Object.keys(this.#data) as LayerName[]) showData(map, name, this.#data);
    for (const name of this.#hidden) this.#toggle(name, false);
  }

  #restyle(): void {
    this.#isDressed = false;
    this.#map?.setStyle(buildStyle(readTokens()), { diff: false });
    this.#drawLegend();
  }

  #drawLegend(): void {
    const wasOpen = this.#legend instanceof HTMLDetailsElement && this.#legend.open;
    const fresh = legend(this.#props.text, readTokens(), (name, on) => this.#toggle(name, on));
    if (wasOpen) fresh.setAttribute("open", "");
    this.#legend.replaceWith(fresh);
    this.#legend = fresh as HTMLDivElement;
  }

  #toggle(name: LayerName, on: boolean): void {
    if (on) this.#hidden.delete(name);
    else this.#hidden.add(name);
    for (const layer of LAYERS_BY_NAME[name]) {
      this.#map?.setLayoutProperty(layer, "visibility", on ? "visible" : "none");
    }
  }

  #follow(name: LayerName): void {
    const url = this.#props[`${name}Url`];
    if (!url) return;
    const load = async (): Promise<void> => {
      (this.#data as Record<LayerName, unknown>)[name] = await fetchJson(url);
      this.#shown(name);
    };
    load().catch((error: unknown) => {
      this.#note.textContent = this.#props.text.failed;
      console.error(`the map has no ${name}`, error);
    });
    if (TOPICS[name].length > 0) this.#stops.push(refreshOn(TOPICS[name], load));
  }

  #shown(name: LayerName): void {
    if (this.#map && this.#isDressed) showData(this.#map, name, this.#data);
    if (name === "stations" || name === "vehicles" || name === "callout" || name === "incidents") this.#things.show(this.#data);
    if (name === "divisions" && this.#data.divisions.features.length === 0) {
      this.#note.textContent = this.#props.text.noBoundaries;
    }
    this.#lookOnce();
  }

  /** The first thing that has a place decides what is in sight; later data never moves the reader's view. */
  #lookOnce(): void {
    const { divisions, stations, callout } = this.#data;
    const waitsForDivisions = this.#props.divisionsUrl && divisions.features.length === 0 && !this.#note.textContent;
    const { focus } = this.#props;
    if (focus && !this.#hasLooked) {
      this.#hasLooked = true;
      this.#map?.jumpTo({ center: focus, zoom: 12 });
    }
    const box = boxOf([...divisions.features, ...stations.features, ...callout.features]);
    if (this.#hasLooked || waitsForDivisions || !box) return;
    this.#hasLooked = true;
    this.#map?.fitBounds(box, { padding: 24, animate: false, maxZoom: 13 });
  }

  #makeClickable(map: MapLibre, layer: (typeof CLICKABLE)[number]): void {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
    map.on("click", layer, (event) => this.#open(map, event));
  }

  #open(map: MapLibre, event: MapLayerMouseEvent): void {
    const properties = event.features?.[0]?.properties;
    if (!properties || event.defaultPrevented) return;
    event.preventDefault();
    const box = make("div", "map__popup");
    box.append(make("strong", "", String(properties["name"] ?? "")));
    const facts = [properties["reading"], properties["state_text"]].filter((fact): fact is string => Boolean(fact));
    box.append(make("p", "", facts.join(" · ")));
    if (properties["read_at"]) {
      const time = make("time", "");
      time.dateTime = String(properties["read_at"]);
      time.dataset["age"] = "";
      box.append(time);
    }
    if (properties["url"]) {
      const link = make("a", "", this.#props.text.open);
      link.href = String(properties["url"]);
      box.append(link);
    }
    new Popup({ maxWidth: "280px" }).setLngLat(event.lngLat).setDOMContent(box).addTo(map);
  }
}
