/** Outcomes by day and durations over time of one flow, or of all, as charts. */
import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import LineChart from "@cloudscape-design/components/line-chart";
import SpaceBetween from "@cloudscape-design/components/space-between";

import type { Schemas } from "../api/client";
import { useReport } from "../api/queries";
import { lastDays, ownZone } from "../i18n/format";
import { useFormat, useWords } from "../i18n/language";
import { Loaded } from "../ui/loaded";
import { SavingsTable, useMoneySaved } from "../savings/table";
import { useSavingWords } from "../savings/words";
import { everyDay, occurring, roundUnit, success, whole } from "./outcomes";

type Percentiles = Schemas["Percentiles"];

const PERCENTILES = ["p50", "p90", "p99"] as const satisfies (keyof Percentiles)[];

interface Props {
  flow?: string | null | undefined;
  days: number;
  height?: number;
}

export default function ReportPanel({ flow, days, height = 180 }: Props) {
  const words = useWords();
  const format = useFormat();
  const say = words.report;
  const saving = useSavingWords();
  const moneySaved = useMoneySaved();
  const zone = ownZone();
  const { since, until } = lastDays(days, zone);
  const report = useReport(flow, since, until, zone);
  const seconds = (value: number | undefined) => (value === undefined ? words.none : format.duration(value));
  return (
    <Loaded query={report}>
      {({
        counts,
        longest_duration,
        durations,
        timed,
        measured,
        hours_saved,
        whole: firstWhole,
        days: byDay,
        ...more
      }) => {
        const bars = everyDay(since, until, byDay);
        const unit = roundUnit(longest_duration ?? 0);
        const told = (value: number) => format.duration(value * unit);
        const line = (key: keyof Percentiles) =>
          bars.flatMap(({ day, data }) => {
            const value = data?.durations?.[key];
            return value === undefined ? [] : [{ x: new Date(`${day}T00:00:00Z`), y: value / unit }];
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
                ...PERCENTILES.map((key) => ({ label: say[key], value: seconds(durations?.[key]) })),
                { label: say.longest, value: seconds(longest_duration ?? undefined) },
                { label: say.saved, value: say.hours(format.number(Math.round(hours_saved * 10) / 10)) },
                { label: saving.title, value: moneySaved(more) },
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
                    : PERCENTILES.map((key) => ({
                        type: "line",
                        title: say[key],
                        data: line(key),
                        valueFormatter: told,
                      }))
                }
                empty={say.empty}
              />
            </div>
            {more.savings.length > 0 && <SavingsTable savings={more.savings} />}
            <Box variant="small">
              {say.days(format.zone())} {say.ranks} {say.savedBy}
              {measured < timed &&
                ` ${say.sampled(format.number(measured), format.number(timed), format.day(firstWhole))}`}
            </Box>
          </SpaceBetween>
        );
      }}
    </Loaded>
  );
}
