/** Outcomes by day and durations over time of one flow, or of all, as charts. */
import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useReport } from "../api/queries";
import { asDays, type Days } from "../find/days";
import { ownZone } from "../i18n/format";
import { useFormat, useWords } from "../i18n/language";
import { Loaded } from "../ui/loaded";
import { Pairs } from "../ui/pairs";
import { SavingsTable, useMoneySaved } from "../savings/table";
import { useSavingWords } from "../savings/words";
import { Durations, PERCENTILES } from "./durations";
import { everyDay, occurring, success, whole } from "./outcomes";

interface Props {
  flow?: string | null | undefined;
  /** Up to today, or from one day to another. */
  days: number | Days;
  height?: number;
}

export default function ReportPanel({ flow, days, height = 180 }: Props) {
  const words = useWords();
  const format = useFormat();
  const say = words.report;
  const saving = useSavingWords();
  const moneySaved = useMoneySaved();
  const zone = ownZone();
  const { since, until } = asDays(days, zone);
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
        return (
          <SpaceBetween size="l">
            <Pairs
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
              <Durations days={bars} longest={longest_duration ?? 0} height={height} />
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
