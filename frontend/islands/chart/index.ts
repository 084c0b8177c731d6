// Rain bars with rolling sums, or a stage line, against their thresholds.

import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { fetchJson, make, useStyles } from "../../shared/dom";
import type { Island } from "../../shared/island";
import { refreshOn } from "../../shared/refresh";
import { onThemeChange, readTokens } from "../../shared/tokens";
import "./chart.css";
import { chartOption, type ChartData, type ChartWords } from "./option";

use([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  TooltipComponent,
]);

interface ChartProps {
  seriesUrl: string;
  text: ChartWords & { failed: string; empty: string };
}

export function mount(element: HTMLElement, given: unknown): Island {
  const props = given as ChartProps;
  useStyles(import.meta.url, "chart");
  const canvas = make("div", "chart__canvas");
  const note = make("p", "chart__note");
  note.setAttribute("role", "status");
  element.classList.add("chart");
  element.append(canvas, note);
  const chart = init(canvas);
  let data: ChartData | undefined;

  const draw = (): void => {
    if (!data) return;
    const isEmpty = data.series.every((series) => series.points.length === 0);
    note.textContent = isEmpty ? props.text.empty : data.source;
    chart.setOption(chartOption(data, readTokens(), props.text), { replaceMerge: ["series", "yAxis", "grid"] });
  };
  const load = async (): Promise<void> => {
    try {
      data = await fetchJson<ChartData>(props.seriesUrl);
      element.dataset["state"] = "drawn";
      draw();
    } catch (error) {
      note.textContent = props.text.failed;
      element.dataset["state"] = "failed";
      throw error;
    }
  };
  const resized = new ResizeObserver(() => chart.resize());
  resized.observe(canvas);
  const stopTheme = onThemeChange(draw);
  const stopRefresh = refreshOn(["reading", "reconnected"], load);
  load().catch((error: unknown) => console.error("the chart has no data", error));

  return {
    destroy() {
      resized.disconnect();
      stopTheme();
      stopRefresh();
      chart.dispose();
    },
  };
}
