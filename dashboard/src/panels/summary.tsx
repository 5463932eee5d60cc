/** How many runs ended how over the last days, in all and by flow. */
import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useSummary } from "../api/queries";
import { useFormat, useWords } from "../i18n/language";
import type { Schemas } from "../api/client";
import { asDays, type Days } from "../find/days";
import { ownZone } from "../i18n/format";
import { shownColumns, type Columns } from "../ui/columns";
import { FlowLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { PagedTable } from "../ui/paged";
import { RunStateLabel } from "../ui/states";
import { everyDay, occurring, OUTCOMES, whole } from "./outcomes";

interface Props {
  /** Up to today, or from one day to another. */
  days: number | Days;
  /** Whether the runs by day are drawn; not beside a report, which has the same drawing larger. */
  chart?: boolean;
  columns?: Columns;
}

export default function SummaryPanel({ days, chart = true, columns }: Props) {
  const words = useWords();
  const format = useFormat();
  const narrow = useNarrow();
  const zone = ownZone();
  const { since, until } = asDays(days, zone);
  const summary = useSummary(since, until, zone);
  return (
    <Loaded query={summary}>
      {({ counts, flows, whole: firstWhole, days: byDay }) => {
        const bars = everyDay(since, until, byDay);
        return (
          <SpaceBetween size="m">
            <div className="numbers">
              <Number label={words.summary.total} value={format.number(counts.total)} />
              {OUTCOMES.filter(({ count }) => counts[count] > 0 || count === "succeeded" || count === "failed").map(
                ({ state, count }) => (
                  <Number key={state} label={<RunStateLabel state={state} />} value={format.number(counts[count])} />
                ),
              )}
            </div>
            {chart && counts.total > 0 && (
              <BarChart
                stackedBars
                hideFilter
                hideLegend
                height={140}
                ariaLabel={words.summary.byState}
                xScaleType="categorical"
                xDomain={bars.map(({ day }) => format.day(day))}
                yTitle={words.summary.total}
                yTickFormatter={whole}
                series={occurring(counts).map(({ state, count, color }) => ({
                  type: "bar",
                  title: words.state[state],
                  color,
                  data: bars.map(({ day, data }) => ({ x: format.day(day), y: data?.counts[count] ?? 0 })),
                }))}
                empty={words.summary.empty}
              />
            )}
            <PagedTable
              variant="borderless"
              contentDensity="compact"
              items={flows.filter((flow) => flow.counts.total > 0)}
              trackBy="flow"
              ariaLabels={{ tableLabel: words.summary.byFlow }}
              empty={words.summary.empty}
              columnDefinitions={shownColumns<Schemas["FlowCounts"]>(
                [
                  {
                    id: "flow",
                    header: words.runs.flow,
                    isRowHeader: true,
                    cell: (row) => <FlowLink flow={row.flow} />,
                  },
                  { id: "total", header: words.summary.total, cell: (row) => format.number(row.counts.total) },
                  {
                    id: "succeeded",
                    header: words.state.SUCCEEDED,
                    cell: (row) => format.number(row.counts.succeeded),
                  },
                  {
                    id: "failed",
                    header: words.summary.failures,
                    cell: (row) => format.number(row.counts.failed + row.counts.timed_out),
                  },
                ],
                columns,
                narrow ? ["succeeded"] : [],
              )}
            />
            <Box variant="small">
              {words.report.days(format.zone())}
              {firstWhole > since && ` ${words.summary.before(format.day(firstWhole))}`}
            </Box>
          </SpaceBetween>
        );
      }}
    </Loaded>
  );
}

function Number({ label, value }: { label: React.ReactNode; value: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <Box variant="awsui-value-large">{value}</Box>
    </div>
  );
}
