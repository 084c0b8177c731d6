import type { EChartsCoreOption } from "echarts/core";
import { levelName, type Tokens } from "../../shared/tokens";

/** Milliseconds since 1970 (UTC), value in the unit of its series or null for "no reading", quality flag (0 = good). */
export type ChartPoint = readonly [number, number | null, number];

export interface ChartSeries {
  id: string;
  label: string;
  unit: string;
  kind: "bar" | "line";
  points: readonly ChartPoint[];
  /** Rain over a stage: the bars hang from the top, on an axis of their own. */
  inverted?: boolean;
  /** Drawn apart from what was observed. */
  phase?: "forecast";
}

export interface ChartThreshold {
  /** The series whose axis it stands on. */
  series: string;
  value: number;
  level: number | null;
  label: string;
}

export interface ChartData {
  source: string;
  series: readonly ChartSeries[];
  thresholds: readonly ChartThreshold[];
  /** Ends of the axis: milliseconds since 1970, or since the moment at which events are aligned. */
  from: number;
  to: number;
  /** "offset": times are hours from an aligned moment, not dates. */
  axis?: "offset";
}

export interface ChartWords {
  /** Name of the marks on doubtful readings. */
  flagged: string;
}

type Part = Record<string, unknown>;

/** The duty room's time zone wherever the browser stands; China has had no summer time since 1991. */
const SHANGHAI_MS = 8 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;
const LINE_TYPES = ["solid", "dashed", "dotted"] as const;
/** How far hanging bars reach down: their axis is this many times as long as the highest bar. */
const HANG = 3;

export function chartOption(data: ChartData, tokens: Tokens, words: ChartWords): EChartsCoreOption {
  const axes = [...new Set(data.series.map(axisOf))];
  const shown = data.series.flatMap((series, order) => drawn(series, order, axes, data, tokens, words));
  return {
    useUTC: true,
    backgroundColor: "transparent",
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 150,
    aria: { enabled: true },
    textStyle: { color: tokens["--ink"], fontFamily: "inherit" },
    legend: { top: 0, type: "scroll", textStyle: { color: tokens["--ink"] } },
    // Rich text is painted on the canvas: the page's policy allows no inline style in tooltips.
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "line" }, order: "valueDesc" },
    grid: { left: 8, right: 8, top: 44, bottom: 52, outerBounds: { left: 4, right: 4 } },
    dataZoom: [{ type: "inside" }, { type: "slider", height: 18, bottom: 8 }],
    xAxis: timeAxis(data, tokens),
    yAxis: axes.map((axis, index) => valueAxis(axis, index, data, tokens)),
    series: shown,
  };
}

function timeAxis(data: ChartData, tokens: Tokens): Part {
  const look = { axisLine: { lineStyle: { color: tokens["--line"] } } };
  const label = { color: tokens["--ink-soft"], hideOverlap: true };
  if (data.axis === "offset") {
    const formatter = (hours: number): string => `${hours > 0 ? "+" : ""}${hours} h`;
    return { type: "value", min: place(data.from, data), max: place(data.to, data), ...look, axisLabel: { ...label, formatter } };
  }
  return { type: "time", min: place(data.from, data), max: place(data.to, data), ...look, axisLabel: label };
}

/** Where a time stands on the axis: local milliseconds, or hours from the aligned moment. */
function place(time: number, data: ChartData): number {
  return data.axis === "offset" ? time / HOUR_MS : time + SHANGHAI_MS;
}

/** Bars of five minutes and sums of a day share a unit, yet not a scale. */
function axisOf(series: ChartSeries): string {
  return `${series.inverted ? "hanging" : series.kind}:${series.unit}`;
}

function valueAxis(axis: string, index: number, data: ChartData, tokens: Tokens): Part {
  const own = data.series.filter((series) => axisOf(series) === axis);
  const ids = new Set(own.map((series) => series.id));
  const unit = own[0]?.unit ?? "";
  const isRain = unit === "mm";
  const isHanging = own.some((series) => series.inverted);
  const limits = data.thresholds.filter((threshold) => ids.has(threshold.series)).map((threshold) => threshold.value);
  return {
    type: "value",
    name: unit,
    position: index === 0 ? "left" : "right",
    inverse: isHanging,
    nameLocation: isHanging ? "start" : "end",
    scale: !isRain,
    nameTextStyle: { color: tokens["--ink-soft"] },
    axisLabel: { color: tokens["--ink-soft"] },
    splitLine: { show: index === 0, lineStyle: { color: tokens["--line"], opacity: 0.5 } },
    ...(isRain ? { min: 0 } : {}),
    // Thresholds stay in sight even while the values are far below them.
    max: (extent: { max: number }) =>
      niceCeiling(Math.max(extent.max, ...limits) * (isHanging ? HANG : 1), isRain),
  };
}

function niceCeiling(value: number, fromZero: boolean): number {
  if (!Number.isFinite(value)) return 1;
  const step = fromZero ? 10 ** Math.floor(Math.log10(Math.max(value, 1))) / 2 : 0.5;
  return Math.ceil((value + step / 10) / step) * step;
}

function drawn(
  series: ChartSeries,
  order: number,
  axes: readonly string[],
  data: ChartData,
  tokens: Tokens,
  words: ChartWords,
): Part[] {
  const axis = axes.indexOf(axisOf(series));
  const good = series.points.map(([time, value, flag]) => [place(time, data), flag === 0 ? value : null]);
  const doubtful = series.points.filter(([, value, flag]) => flag !== 0 && value !== null);
  const main = {
    id: series.id,
    name: `${series.label} (${series.unit})`,
    type: series.kind,
    yAxisIndex: axis,
    data: good,
    connectNulls: false,
    showSymbol: false,
    barMaxWidth: 12,
    barMinHeight: 1,
    color: colour(order, data, tokens),
    lineStyle: { width: 2, type: LINE_TYPES[Math.max(0, order - 1) % LINE_TYPES.length] },
    markLine: thresholdLines(data.thresholds.filter((threshold) => threshold.series === series.id), tokens),
    ...(series.phase === "forecast" ? forecastLook(series, tokens) : {}),
  };
  if (doubtful.length === 0) return [main];
  return [main, struckPoints(series, axis, doubtful, data, tokens, words)];
}

function colour(order: number, data: ChartData, tokens: Tokens): string {
  if (order === 0) return tokens["--level-blue"];
  if (data.axis === "offset") return order === 1 ? tokens["--level-orange"] : tokens["--state-lost"];
  return tokens["--ink-soft"];
}

/** Never to be taken for an observation: dotted with hollow marks, bars hatched. */
function forecastLook(series: ChartSeries, tokens: Tokens): Part {
  const color = tokens["--state-lost"];
  if (series.kind === "bar") {
    const decal = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4, color };
    return { color, itemStyle: { color: "transparent", borderColor: color, borderWidth: 1, decal } };
  }
  return { color, showSymbol: true, symbol: "emptyCircle", symbolSize: 5, lineStyle: { width: 2, type: "dotted", color } };
}

/** Doubtful readings stay visible, hollow and struck through, and are joined to nothing. */
function struckPoints(
  series: ChartSeries,
  axis: number,
  points: readonly ChartPoint[],
  data: ChartData,
  tokens: Tokens,
  words: ChartWords,
): Part {
  return {
    id: `${series.id}:flagged`,
    name: words.flagged,
    type: "scatter",
    yAxisIndex: axis,
    data: points.map(([time, value]) => [place(time, data), value]),
    symbol: "path://M0 10a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M-4 24L24 -4",
    symbolSize: 14,
    itemStyle: { color: "transparent", borderColor: tokens["--ink"], borderWidth: 1.5 },
  };
}

function thresholdLines(thresholds: readonly ChartThreshold[], tokens: Tokens): Part {
  return {
    silent: true,
    symbol: "none",
    data: thresholds.map((threshold) => {
      const name = levelName(threshold.level);
      const color = name ? tokens[`--level-${name}`] : tokens["--ink-soft"];
      return {
        yAxis: threshold.value,
        lineStyle: { color, type: "dashed", width: 1.5 },
        label: { formatter: `${threshold.label} ${threshold.value}`, color: tokens["--ink"], position: "insideEndTop" },
      };
    }),
  };
}
