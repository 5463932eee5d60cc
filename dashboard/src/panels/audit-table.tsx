/** What people did, as a table. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";

import type { AuditEntry } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { inline } from "../start/form";
import { FlowLink, RunLink } from "../ui/links";
import { useNarrow } from "../ui/narrow";

interface Props {
  entries: readonly AuditEntry[];
  empty: string;
  /** Of the table where it stands inside of a frame; nothing where it is the page. */
  header?: ReactNode;
  label?: string;
}

export function AuditTable({ entries, empty, header, label }: Props) {
  const format = useFormat();
  const words = useWords();
  const say = words.audit;
  const narrow = useNarrow();
  const time = ({ time, flow, run }: AuditEntry) =>
    run ? (
      <RunLink flow={flow} name={run.slice(run.indexOf("/") + 1)}>
        {format.moment(time)}
      </RunLink>
    ) : (
      format.moment(time)
    );
  const action = ({ action }: AuditEntry) => say.did[action] ?? action;
  const flowOf = ({ flow }: AuditEntry) => flow && <FlowLink flow={flow} />;
  // The kind of what was acknowledged and the flag of a dry run are words of ours; the rest is what somebody wrote.
  const told = (name: string, value: unknown) =>
    name === "kind"
      ? (words.open.kinds[String(value)] ?? inline(value))
      : name === "until"
        ? moment(String(value))
        : inline(value);
  const moment = (text: string) => (Number.isNaN(Date.parse(text)) ? text : format.moment(text));
  const details = ({ details }: AuditEntry) =>
    Object.entries(details)
      .filter(([, value]) => value !== null && JSON.stringify(value) !== "{}")
      .map(([name, value]) => (
        <div key={name}>
          {name === "dry_run" ? words.runs.dryRun : `${say.told[name] ?? name}: ${told(name, value)}`}
        </div>
      ));
  // On a phone an entry is one cell, so that what was done to what is not out of sight at the side.
  const card = (entry: AuditEntry) => (
    <SpaceBetween size="xxs">
      {time(entry)}
      <div>{words.and([action(entry), entry.by])}</div>
      {flowOf(entry)}
      <div>{details(entry)}</div>
    </SpaceBetween>
  );
  return (
    <Table
      {...(header !== undefined && { header, variant: "borderless" as const })}
      items={entries}
      wrapLines
      empty={empty}
      ariaLabels={{ tableLabel: label ?? say.title }}
      columnDefinitions={
        narrow
          ? [{ id: "entry", header: say.action, isRowHeader: true, cell: card }]
          : [
              { id: "time", header: say.time, isRowHeader: true, minWidth: 110, cell: time },
              { id: "by", header: say.by, minWidth: 110, cell: ({ by }) => by },
              { id: "action", header: say.action, minWidth: 130, cell: action },
              { id: "flow", header: say.flow, minWidth: 160, cell: flowOf },
              { id: "details", header: say.details, minWidth: 200, cell: details },
            ]
      }
    />
  );
}
