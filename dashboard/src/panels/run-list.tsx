/** Runs, newest first, page by page. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useRuns } from "../api/queries";
import type { Run, RunState } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { DryRunBadge, RunStateLabel } from "../ui/states";
import { tellCounts, tellTrigger } from "../ui/telling";

interface Props {
  flow?: string | null | undefined;
  state?: RunState | null | undefined;
  limit?: number;
  wide?: boolean;
}

export default function RunList({ flow, state, limit = 25, wide = false }: Props) {
  const words = useWords();
  const [cursor, setCursor] = useState<string>();
  const filter = { limit, flow: flow ?? null, state: state ?? null, ...(cursor && { cursor }) };
  const runs = useRuns(filter, cursor ? false : 10_000);
  return (
    <Loaded query={runs}>
      {({ runs: page, cursor: older }) => (
        <SpaceBetween size="xs">
          <RunTable runs={page} ofOneFlow={Boolean(flow)} wide={wide} />
          {(cursor ?? older) && (
            <Box textAlign="center">
              <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                <Button disabled={!cursor} onClick={() => setCursor(undefined)}>
                  {words.runs.newer}
                </Button>
                <Button
                  disabled={!older}
                  loading={runs.isPlaceholderData}
                  onClick={() => setCursor(older ?? undefined)}
                >
                  {words.runs.older}
                </Button>
              </SpaceBetween>
            </Box>
          )}
        </SpaceBetween>
      )}
    </Loaded>
  );
}

function RunTable({ runs, ofOneFlow, wide }: { runs: Run[]; ofOneFlow: boolean; wide: boolean }) {
  const words = useWords();
  const format = useFormat();
  const say = words.runs;
  return (
    <Table
      variant={wide ? "container" : "borderless"}
      contentDensity={wide ? "comfortable" : "compact"}
      items={runs}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: say.title }}
      empty={say.empty}
      columnDefinitions={[
        {
          id: "started",
          header: say.started,
          isRowHeader: true,
          minWidth: 130,
          cell: (run) => (
            <span className="nowrap">
              <RunLink flow={run.flow} name={run.name}>
                {format.moment(run.started)}
              </RunLink>
            </span>
          ),
        },
        ...(ofOneFlow
          ? []
          : [{ id: "flow", header: say.flow, minWidth: 140, cell: (run: Run) => <FlowLink flow={run.flow} /> }]),
        {
          id: "state",
          header: say.state,
          minWidth: 120,
          cell: (run) => (
            <SpaceBetween direction="horizontal" size="xs">
              <RunStateLabel state={run.state} />
              {run.dry_run && <DryRunBadge />}
            </SpaceBetween>
          ),
        },
        {
          id: "duration",
          header: say.duration,
          minWidth: 90,
          cell: (run) => (
            <span className="nowrap">{run.duration === null ? words.none : format.duration(run.duration)}</span>
          ),
        },
        {
          id: "result",
          header: say.result,
          minWidth: 150,
          cell: (run) => run.error ?? run.skipped ?? (tellCounts(run.counts, words, run.dry_run) || words.none),
        },
        {
          id: "trigger",
          header: say.trigger,
          minWidth: 140,
          cell: (run) => tellTrigger(run.trigger, words, format),
        },
      ]}
    />
  );
}
