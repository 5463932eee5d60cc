/** Flows with what starts them, their next and last run, and a button to start them. */
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useFlows } from "../api/queries";
import type { Flow } from "../api/types";
import { FilterOfFlows } from "../flows/filter";
import { ALL, foldersOf, foundFlows } from "../flows/found";
import { Star } from "../flows/star";
import { useFlowWords } from "../flows/words";
import { useChosenFlows } from "../holds/some";
import { useFormat, useWords } from "../i18n/language";
import { StartButton } from "../start/button";
import { shownColumns, type Columns } from "../ui/columns";
import { FlowActions } from "../ui/flow-actions";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { usePaged } from "../ui/paged";
import { Starters } from "../ui/starters";
import { RunStateLabel, StandingLabel } from "../ui/states";
import { useInLanguage } from "../ui/user";

interface Props {
  /** Only these, or all. */
  only?: readonly string[] | null | undefined;
  /** Whether there is room for what starts each flow. */
  wide?: boolean;
  columns?: Columns;
}

export default function FlowList({ only, wide = false, columns }: Props) {
  const flows = useFlows();
  return (
    <Loaded query={flows}>
      {(data) => (
        <FlowTable
          flows={only?.length ? data.flows.filter(({ name }) => only.includes(name)) : data.flows}
          wide={wide}
          columns={columns}
        />
      )}
    </Loaded>
  );
}

interface TableOfFlows {
  flows: Flow[];
  wide: boolean;
  columns: Columns;
}

function FlowTable({ flows, wide, columns }: TableOfFlows) {
  const words = useWords();
  const format = useFormat();
  const say = words.flows;
  const narrow = useNarrow();
  const [filter, setFilter] = useState(ALL);
  const found = foundFlows(flows, filter);
  const { page, pagination } = usePaged(found);
  const choosing = useChosenFlows(flows);
  return (
    <Table
      variant={wide ? "container" : "borderless"}
      items={page}
      pagination={pagination}
      trackBy="name"
      wrapLines
      contentDensity={wide ? "comfortable" : "compact"}
      {...(wide && choosing)}
      ariaLabels={{ ...(wide && choosing.ariaLabels), tableLabel: say.title }}
      filter={
        (wide || flows.length > 8) && (
          <FilterOfFlows filter={filter} folders={foldersOf(flows)} count={found.length} onChange={setFilter} />
        )
      }
      empty={flows.length > 0 ? say.noMatch : say.empty}
      columnDefinitions={
        narrow
          ? [{ id: "flow", header: say.name, isRowHeader: true, cell: (flow) => <Card flow={flow} /> }]
          : shownColumns<Flow>(
              [
                {
                  id: "name",
                  header: say.name,
                  isRowHeader: true,
                  minWidth: wide ? 320 : 180,
                  cell: (flow) => <Name flow={flow} />,
                },
                {
                  id: "trigger",
                  header: say.trigger,
                  minWidth: 180,
                  cell: (flow) => <Starters flow={flow} />,
                },
                {
                  id: "next",
                  header: say.next,
                  cell: (flow) => <span className="nowrap">{flow.next ? format.moment(flow.next) : words.none}</span>,
                },
                { id: "last", header: say.lastRun, minWidth: 140, cell: (flow) => <LastRun flow={flow} /> },
                { id: "actions", header: words.actions, cell: (flow) => <Actions flow={flow} /> },
              ],
              columns,
              wide ? [] : ["trigger"],
            )
      }
    />
  );
}

function Name({ flow }: { flow: Flow }) {
  const inLanguage = useInLanguage();
  const { folderIs } = useFlowWords();
  return (
    <>
      <div className="row">
        <Star flow={flow} />
        <div>
          <FlowLink flow={flow.name} />
        </div>
      </div>
      {flow.folder && <Box variant="small">{folderIs(flow.folder)}</Box>}
      <div>{inLanguage(flow.doc, flow.doc_ja)?.split("\n")[0]}</div>
      <StandingLabel standing={flow.standing} />
    </>
  );
}

function LastRun({ flow: { name, last_run } }: { flow: Flow }) {
  const words = useWords();
  const format = useFormat();
  if (!last_run) return words.flows.never;
  return (
    <>
      <RunStateLabel state={last_run.state} />
      <div className="nowrap">
        <RunLink flow={name} name={last_run.name}>
          {format.moment(last_run.started)}
        </RunLink>
      </div>
    </>
  );
}

function Actions({ flow }: { flow: Flow }) {
  return (
    <div className="row">
      <StartButton flow={flow} />
      <FlowActions flow={flow} />
    </div>
  );
}

/** A flow on a phone: all of it in one cell, so that the button is not out of sight at the side. */
function Card({ flow }: { flow: Flow }) {
  return (
    <SpaceBetween size="xs">
      <Name flow={flow} />
      {flow.last_run && <LastRun flow={flow} />}
      <Actions flow={flow} />
    </SpaceBetween>
  );
}
