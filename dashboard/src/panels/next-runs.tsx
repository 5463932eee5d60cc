/** What the schedules will start: a time line with a row for each flow, and the same as a list. */
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import {
  colorBorderDividerDefault,
  colorBorderStatusInfo,
  colorTextBodySecondary,
  colorTextStatusError,
  colorTextStatusInactive,
} from "@cloudscape-design/design-tokens";
import { Fragment } from "react";

import { useNext } from "../api/queries";
import type { Schemas } from "../api/client";
import type { NextRun } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { shownColumns, type Columns } from "../ui/columns";
import { useFitting } from "../ui/fitting";
import { FlowLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { PagedTable } from "../ui/paged";
import { ScheduleWords } from "../ui/starters";
import { useTitleOf } from "../ui/user";
import { byName, position, ticks } from "./timeline";

interface Props {
  hours: number;
  /** How many runs the list below the time line names. */
  listed?: number;
  wide?: boolean;
  columns?: Columns;
}

export default function NextRuns({ hours, listed = 8, wide = false, columns }: Props) {
  const words = useWords();
  const narrow = useNarrow();
  const next = useNext(hours);
  return (
    <Loaded query={next}>
      {(data) =>
        data.runs.length === 0 ? (
          <Box color="text-body-secondary" textAlign="center" padding="m">
            {words.next.empty}
          </Box>
        ) : (
          <SpaceBetween size="m">
            <TimeLine next={data} marks={narrow ? 4 : wide ? 12 : 6} />
            <List runs={data.runs.slice(0, listed)} wide={wide} columns={columns} />
            {(data.more || data.runs.length > listed) && <Box variant="small">{words.next.more}</Box>}
          </SpaceBetween>
        )
      }
    </Loaded>
  );
}

function TimeLine({ next, marks }: { next: Schemas["Next"]; marks: number }) {
  const words = useWords();
  const format = useFormat();
  const titleOf = useTitleOf();
  const since = Date.parse(next.since);
  const until = Date.parse(next.until);
  const axis = ticks(since, until, marks);
  const lines = axis.map(({ at }) => (
    <span
      key={at}
      className="timeline-line"
      style={{ insetInlineStart: `${at}%`, background: colorBorderDividerDefault }}
    />
  ));
  return (
    <div className="timeline" role="img" aria-label={words.next.timeline(next.runs.length)}>
      <span className="timeline-corner" />
      <div className="timeline-axis" style={{ color: colorTextBodySecondary }}>
        {lines}
        {axis.map(
          ({ at, time, day, room }) =>
            room && (
              <span key={at} className="timeline-label" style={{ insetInlineStart: `${at}%` }}>
                {day ? format.weekday(time) : format.clock(time)}
              </span>
            ),
        )}
      </div>
      {[...byName(next.runs, (run) => run.flow)].map(([flow, runs]) => (
        <Fragment key={flow}>
          <Box fontSize="body-s">
            <span className="name">{titleOf(flow) ?? flow}</span>
          </Box>
          <div className="timeline-track">
            {lines}
            {runs.map((run) => (
              <span
                key={run.time}
                className="timeline-mark"
                title={`${titleOf(flow) ?? flow}, ${format.moment(run.time)}`}
                style={{ insetInlineStart: `${position(Date.parse(run.time), since, until)}%`, ...paint(run) }}
              />
            ))}
          </div>
        </Fragment>
      ))}
    </div>
  );
}

/** Filled when it will run; a ring when it will not, red when that is because of a hold. */
function paint({ hold, skipped }: NextRun): { background: string; borderColor: string } {
  if (hold) return { background: "transparent", borderColor: colorTextStatusError };
  if (skipped) return { background: "transparent", borderColor: colorTextStatusInactive };
  return { background: colorBorderStatusInfo, borderColor: colorBorderStatusInfo };
}

interface ListProps {
  runs: NextRun[];
  wide: boolean;
  columns: Columns;
}

function List({ runs, wide, columns }: ListProps) {
  const words = useWords();
  const format = useFormat();
  return (
    <PagedTable
      variant={wide ? "container" : "borderless"}
      contentDensity="compact"
      wrapLines
      items={runs}
      trackBy={(run) => `${run.flow} ${run.time} ${run.expression}`}
      ariaLabels={{ tableLabel: words.next.title }}
      columnDefinitions={useFitting(
        shownColumns<NextRun>(
          [
            {
              id: "time",
              header: words.flow.time,
              isRowHeader: true,
              minWidth: 130,
              cell: (run) => `${run.approximate ? `${words.next.approximate} ` : ""}${format.moment(run.time)}`,
            },
            { id: "flow", header: words.runs.flow, minWidth: 130, cell: (run) => <FlowLink flow={run.flow} /> },
            { id: "state", header: words.runs.state, minWidth: 130, cell: (run) => <Due run={run} /> },
            {
              id: "by",
              header: words.flow.expression,
              minWidth: 160,
              cell: ({ expression, timezone }) => <ScheduleWords {...{ expression, timezone }} />,
            },
          ],
          columns,
          wide ? [] : ["by"],
        ),
      )}
    />
  );
}

function Due({ run: { hold, skipped } }: { run: NextRun }) {
  const words = useWords();
  if (hold) {
    return (
      <>
        <StatusIndicator type="stopped" colorOverride="red">
          {words.next.held}
        </StatusIndicator>
        {hold.why && (
          <Box variant="small" display="block">
            {hold.why}
          </Box>
        )}
      </>
    );
  }
  if (skipped) {
    return (
      <>
        <StatusIndicator type="not-started">{words.next.skipped}</StatusIndicator>
        <Box variant="small" display="block">
          {words.told(skipped)}
        </Box>
      </>
    );
  }
  return <StatusIndicator type="pending">{words.next.due}</StatusIndicator>;
}
