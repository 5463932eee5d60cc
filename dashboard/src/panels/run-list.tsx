/** Runs, newest first, page by page. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState, type ReactNode } from "react";

import { useRuns, type RunFilter } from "../api/queries";
import type { Run, RunState } from "../api/types";
import { useFindWords } from "../find/words";
import { useFormat, useWords } from "../i18n/language";
import { shownColumns, type Columns } from "../ui/columns";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { DryRunBadge, RunStateLabel } from "../ui/states";
import { tellCounts, tellTrigger } from "../ui/telling";

interface Props {
  flow?: string | null | undefined;
  state?: RunState | null | undefined;
  /** More that the runs have to be like. */
  filter?: RunFilter;
  limit?: number;
  wide?: boolean;
  columns?: Columns;
}

export default function RunList({ flow, state, filter, limit = 25, wide = false, columns }: Props) {
  const words = useWords();
  const say = useFindWords();
  const [cursor, setCursor] = useState<string>();
  const asked = { limit, flow: flow ?? null, state: state ?? null, ...filter, ...(cursor && { cursor }) };
  const runs = useRuns(asked, !cursor);
  return (
    <Loaded query={runs}>
      {({ runs: page, cursor: older, resources, more }) => (
        <SpaceBetween size="xs">
          {resources.length > 0 && <Box>{say.touched(resources.join(", "))}</Box>}
          {more && <Box color="text-status-warning">{say.more}</Box>}
          {older && page.length === 0 && <Box>{say.scanned}</Box>}
          <RunTable runs={page} ofOneFlow={Boolean(asked.flow)} wide={wide} columns={columns} />
          {(cursor ?? older) && (
            <Box textAlign="center">
              <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                <Button disabled={!cursor} onClick={() => setCursor(undefined)}>
                  {filter?.sort === "oldest" ? say.orders.oldest : words.runs.newer}
                </Button>
                <Button
                  disabled={!older}
                  loading={runs.isPlaceholderData}
                  onClick={() => setCursor(older ?? undefined)}
                >
                  {filter?.sort === "oldest" ? words.more : words.runs.older}
                </Button>
              </SpaceBetween>
            </Box>
          )}
        </SpaceBetween>
      )}
    </Loaded>
  );
}

interface TableOfRuns {
  runs: readonly Run[];
  ofOneFlow?: boolean;
  wide?: boolean;
  columns?: Columns;
  empty?: string;
  /** What the table is, where these are not all runs. */
  label?: string;
  /** What is left of a run that goes on. */
  left?: (run: Run) => ReactNode;
}

export function RunTable({ runs, ofOneFlow = false, wide = false, columns, empty, label, left }: TableOfRuns) {
  const words = useWords();
  const format = useFormat();
  const say = words.runs;
  const narrow = useNarrow();
  const started = (run: Run) => (
    <span className="nowrap">
      <RunLink flow={run.flow} name={run.name}>
        {run.duration !== null && run.duration < 60 ? format.exact(run.started) : format.moment(run.started)}
      </RunLink>
    </span>
  );
  const state = (run: Run) => (
    <SpaceBetween direction="horizontal" size="xs">
      <RunStateLabel state={run.state} />
      {run.dry_run && <DryRunBadge />}
    </SpaceBetween>
  );
  const took = (run: Run) => (run.duration === null ? words.none : format.duration(run.duration));
  const result = (run: Run) =>
    run.error ?? (run.skipped && words.told(run.skipped)) ?? (tellCounts(run.counts, words, run.dry_run) || words.none);
  // On a phone a run is one cell, so that its state is not out of sight at the side.
  const card = (run: Run) => (
    <SpaceBetween size="xxs">
      {!ofOneFlow && <FlowLink flow={run.flow} />}
      {state(run)}
      {started(run)}
      <div>{words.and([took(run), result(run)])}</div>
      {left?.(run)}
      <div>{tellTrigger(run.trigger, words, format)}</div>
    </SpaceBetween>
  );
  return (
    <Table
      variant={wide ? "container" : "borderless"}
      contentDensity={wide ? "comfortable" : "compact"}
      items={runs}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: label ?? say.title }}
      empty={empty ?? say.empty}
      columnDefinitions={
        narrow
          ? [{ id: "run", header: say.run, isRowHeader: true, cell: card }]
          : shownColumns<Run>(
              [
                { id: "started", header: say.started, isRowHeader: true, minWidth: 130, cell: started },
                { id: "flow", header: say.flow, minWidth: 140, cell: (run: Run) => <FlowLink flow={run.flow} /> },
                { id: "state", header: say.state, minWidth: 120, cell: state },
                {
                  id: "duration",
                  header: say.duration,
                  minWidth: 90,
                  cell: (run) => (
                    <>
                      <span className="nowrap">{took(run)}</span>
                      <Box variant="small" display="block">
                        {left?.(run)}
                      </Box>
                    </>
                  ),
                },
                { id: "result", header: say.result, minWidth: 150, cell: result },
                {
                  id: "trigger",
                  header: say.trigger,
                  minWidth: 140,
                  cell: (run) => tellTrigger(run.trigger, words, format),
                },
              ],
              columns,
              ofOneFlow ? ["flow"] : [],
            )
      }
    />
  );
}
