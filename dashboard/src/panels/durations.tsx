/** How long runs took, by day: bars of a few days, of which one alone is seen, too; a line of many. */
import BarChart from "@cloudscape-design/components/bar-chart";
import LineChart from "@cloudscape-design/components/line-chart";

import type { Schemas } from "../api/client";
import { useFormat, useWords } from "../i18n/language";
import { roundUnit } from "./outcomes";

type Percentiles = Schemas["Percentiles"];

export const PERCENTILES = ["p50", "p90", "p99"] as const satisfies (keyof Percentiles)[];
/** Days of which bars are still wide enough to be told apart. */
const MOST_BARS = 31;

interface Props {
  days: readonly { day: string; data: { durations: Percentiles | null } | undefined }[];
  /** Seconds. */
  longest: number;
  height: number;
}

export function Durations({ days, longest, height }: Props) {
  const words = useWords();
  const format = useFormat();
  const say = words.report;
  const unit = roundUnit(longest);
  const told = (value: number) => format.duration(value * unit);
  const known = days.flatMap(({ day, data }) => (data?.durations ? [{ day, durations: data.durations }] : []));
  const shown = known.length > 0 ? PERCENTILES : [];
  const common = {
    hideFilter: true,
    height,
    ariaLabel: say.durations,
    xTitle: say.day,
    yTitle: say.seconds,
    yTickFormatter: told,
    empty: say.empty,
  };
  if (days.length <= MOST_BARS)
    return (
      <BarChart
        {...common}
        xScaleType="categorical"
        xDomain={days.map(({ day }) => format.day(day))}
        series={shown.map((key) => ({
          type: "bar",
          title: say[key],
          data: known.map(({ day, durations }) => ({ x: format.day(day), y: durations[key] / unit })),
          valueFormatter: told,
        }))}
      />
    );
  const midnight = (day: string | undefined) => new Date(`${day ?? ""}T00:00:00Z`);
  return (
    <LineChart
      {...common}
      xScaleType="time"
      xDomain={[midnight(days[0]?.day), midnight(days.at(-1)?.day)]}
      xTickFormatter={(date) => format.day(date.toISOString().slice(0, 10))}
      series={shown.map((key) => ({
        type: "line",
        title: say[key],
        data: known.map(({ day, durations }) => ({ x: midnight(day), y: durations[key] / unit })),
        valueFormatter: told,
      }))}
    />
  );
}
