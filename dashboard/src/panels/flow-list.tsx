/** Flows with what starts them, their next and last run, and a button to start them. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useState } from "react";

import { useFlows } from "../api/queries";
import type { Flow } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { StartButton } from "../start/button";
import { FlowActions } from "../ui/flow-actions";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { RunStateLabel, StandingLabel } from "../ui/states";
import { tellStarters } from "../ui/telling";

interface Props {
  /** Only these, or all. */
  only?: readonly string[] | null | undefined;
  /** Whether there is room for what starts each flow. */
  wide?: boolean;
}

export default function FlowList({ only, wide = false }: Props) {
  const flows = useFlows();
  return (
    <Loaded query={flows}>
      {(data) => (
        <FlowTable
          flows={only?.length ? data.flows.filter(({ name }) => only.includes(name)) : data.flows}
          wide={wide}
        />
      )}
    </Loaded>
  );
}

function FlowTable({ flows, wide }: { flows: Flow[]; wide: boolean }) {
  const words = useWords();
  const format = useFormat();
  const say = words.flows;
  const narrow = useNarrow();
  const [find, setFind] = useState("");
  const found = flows.filter(({ name, doc }) => `${name} ${doc}`.toLowerCase().includes(find.trim().toLowerCase()));
  return (
    <Table
      variant={wide ? "container" : "borderless"}
      items={found}
      trackBy="name"
      wrapLines
      contentDensity={wide ? "comfortable" : "compact"}
      ariaLabels={{ tableLabel: say.title }}
      filter={
        (wide || flows.length > 8) && (
          <TextFilter
            filteringText={find}
            filteringPlaceholder={say.find}
            filteringAriaLabel={say.find}
            onChange={({ detail }) => setFind(detail.filteringText)}
          />
        )
      }
      empty={flows.length > 0 ? say.noMatch : say.empty}
      columnDefinitions={
        narrow
          ? [{ id: "flow", header: say.name, isRowHeader: true, cell: (flow) => <Card flow={flow} /> }]
          : [
              {
                id: "name",
                header: say.name,
                isRowHeader: true,
                minWidth: 180,
                cell: (flow) => <Name flow={flow} />,
              },
              ...(wide
                ? [
                    {
                      id: "trigger",
                      header: say.trigger,
                      minWidth: 180,
                      cell: (flow: Flow) => tellStarters(flow, words).map((line) => <div key={line}>{line}</div>),
                    },
                  ]
                : []),
              {
                id: "next",
                header: say.next,
                cell: (flow) => <span className="nowrap">{flow.next ? format.moment(flow.next) : words.none}</span>,
              },
              { id: "last", header: say.lastRun, minWidth: 140, cell: (flow) => <LastRun flow={flow} /> },
              { id: "actions", header: words.actions, cell: (flow) => <Actions flow={flow} /> },
            ]
      }
    />
  );
}

function Name({ flow }: { flow: Flow }) {
  return (
    <>
      <FlowLink flow={flow.name} />
      <div>{flow.title}</div>
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
