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
  /** Ends of the time axis, milliseconds since 1970. */
  from: number;
  to: number;
}

export interface ChartWords {
  /** Name of the marks on doubtful readings. */
  flagged: string;
}

/** The duty room's time zone wherever the browser stands; China has had no summer time since 1991. */
const SHANGHAI_MS = 8 * 3600 * 1000;
const LINE_TYPES = ["solid", "dashed", "dotted"] as const;

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
    xAxis: {
      type: "time",
      min: data.from + SHANGHAI_MS,
      max: data.to + SHANGHAI_MS,
      axisLine: { lineStyle: { color: tokens["--line"] } },
      axisLabel: { color: tokens["--ink-soft"], hideOverlap: true },
    },
    yAxis: axes.map((axis, index) => valueAxis(axis, index, data, tokens)),
    series: shown,
  };
}

/** Bars of five minutes and sums of a day share a unit, yet not a scale. */
function axisOf(series: ChartSeries): string {
  return `${series.kind}:${series.unit}`;
}

function valueAxis(axis: string, index: number, data: ChartData, tokens: Tokens): Record<string, unknown> {
  const own = data.series.filter((series) => axisOf(series) === axis);
  const ids = new Set(own.map((series) => series.id));
  const unit = own[0]?.unit ?? "";
  const isRain = unit === "mm";
  const limits = data.thresholds.filter((threshold) => ids.has(threshold.series)).map((threshold) => threshold.value);
  return {
    type: "value",
    name: unit,
    position: index === 0 ? "left" : "right",
    scale: !isRain,
    nameTextStyle: { color: tokens["--ink-soft"] },
    axisLabel: { color: tokens["--ink-soft"] },
    splitLine: { show: index === 0, lineStyle: { color: tokens["--line"], opacity: 0.5 } },
    ...(isRain ? { min: 0 } : {}),
    // Thresholds stay in sight even while the values are far below them.
    max: (extent: { max: number }) => niceCeiling(Math.max(extent.max, ...limits), isRain),
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
): Record<string, unknown>[] {
  const axis = axes.indexOf(axisOf(series));
  const good = series.points.map(([time, value, flag]) => [time + SHANGHAI_MS, flag === 0 ? value : null]);
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
    color: order === 0 ? tokens["--level-blue"] : tokens["--ink-soft"],
    lineStyle: { width: 2, type: LINE_TYPES[Math.max(0, order - 1) % LINE_TYPES.length] },
    markLine: thresholdLines(data.thresholds.filter((threshold) => threshold.series === series.id), tokens),
  };
  if (doubtful.length === 0) return [main];
  return [main, struckPoints(series, axis, doubtful, tokens, words)];
}

/** Doubtful readings stay visible, hollow and struck through, and are joined to nothing. */
function struckPoints(
  series: ChartSeries,
  axis: number,
  points: readonly ChartPoint[],
  tokens: Tokens,
  words: ChartWords,
): Record<string, unknown> {
  return {
    id: `${series.id}:flagged`,
    name: words.flagged,
    type: "scatter",
    yAxisIndex: axis,
    data: points.map(([time, value]) => [time + SHANGHAI_MS, value]),
    symbol: "path://M0 10a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M-4 24L24 -4",
    symbolSize: 14,
    itemStyle: { color: "transparent", borderColor: tokens["--ink"], borderWidth: 1.5 },
  };
}

function thresholdLines(thresholds: readonly ChartThreshold[], tokens: Tokens): Record<string, unknown> {
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
