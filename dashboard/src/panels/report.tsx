/** Outcomes by day and durations over time of one flow, or of all, as charts. */
import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import LineChart from "@cloudscape-design/components/line-chart";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useReport } from "../api/queries";
import { useFormat, useWords } from "../i18n/language";
import { lastDays } from "../i18n/format";
import { Loaded } from "../ui/loaded";
import { everyDay, occurring, roundUnit, success, whole } from "./outcomes";

interface Props {
  flow?: string | null | undefined;
  days: number;
  height?: number;
}

export default function ReportPanel({ flow, days, height = 180 }: Props) {
  const words = useWords();
  const format = useFormat();
  const say = words.report;
  const { since, until } = lastDays(days);
  const report = useReport(flow, since, until);
  const seconds = (value: number | null) => (value === null ? words.none : format.duration(value));
  return (
    <Loaded query={report}>
      {({ counts, mean_duration, longest_duration, days: byDay }) => {
        const bars = everyDay(since, until, byDay);
        const unit = roundUnit(longest_duration ?? 0);
        const told = (value: number) => format.duration(value * unit);
        const line = (key: "mean_duration" | "longest_duration") =>
          bars.flatMap(({ day, data }) => {
            const value = data?.[key];
            return value === null || value === undefined ? [] : [{ x: new Date(`${day}T00:00:00Z`), y: value / unit }];
          });
        const dayOf = (date: Date) => format.day(date.toISOString().slice(0, 10));
        return (
          <SpaceBetween size="l">
            <KeyValuePairs
              columns={4}
              minColumnWidth={110}
              items={[
                { label: say.runs, value: format.number(counts.total) },
                {
                  label: say.success,
                  value: success(counts) ?? words.none,
                },
                { label: say.mean, value: seconds(mean_duration) },
                { label: say.longest, value: seconds(longest_duration) },
              ]}
            />
            <div>
              <Box variant="h3">{say.outcomes}</Box>
              <BarChart
                stackedBars
                hideFilter
                height={height}
                ariaLabel={say.outcomes}
                xScaleType="categorical"
                xDomain={bars.map(({ day }) => format.day(day))}
                xTitle={say.day}
                yTitle={say.runs}
                yTickFormatter={whole}
                series={occurring(counts).map(({ state, count, color }) => ({
                  type: "bar",
                  title: words.state[state],
                  color,
                  data: bars.map(({ day, data }) => ({ x: format.day(day), y: data?.counts[count] ?? 0 })),
                }))}
                empty={say.empty}
              />
            </div>
            <div>
              <Box variant="h3">{say.durations}</Box>
              <LineChart
                hideFilter
                height={height}
                ariaLabel={say.durations}
                xScaleType="time"
                xDomain={[new Date(`${since}T00:00:00Z`), new Date(`${until}T00:00:00Z`)]}
                xTitle={say.day}
                yTitle={say.seconds}
                xTickFormatter={dayOf}
                yTickFormatter={told}
                series={
                  counts.total === 0
                    ? []
                    : [
                        {
                          type: "line",
                          title: say.meanLine,
                          data: line("mean_duration"),
                          valueFormatter: told,
                        },
                        {
                          type: "line",
                          title: say.longestLine,
                          data: line("longest_duration"),
                          valueFormatter: told,
                        },
                      ]
                }
                empty={say.empty}
              />
            </div>
            <Box variant="small">{say.utc}</Box>
          </SpaceBetween>
        );
      }}
    </Loaded>
  );
}
