/** What people did, as a table. */
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";

import type { AuditEntry } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { inline } from "../start/form";
import { FlowLink, RunLink } from "../ui/links";

interface Props {
  entries: readonly AuditEntry[];
  empty: string;
  /** Of the table where it stands inside of a frame; nothing where it is the page. */
  header?: ReactNode;
  label?: string;
}

export function AuditTable({ entries, empty, header, label }: Props) {
  const format = useFormat();
  const say = useWords().audit;
  return (
    <Table
      {...(header !== undefined && { header, variant: "borderless" as const })}
      items={entries}
      wrapLines
      empty={empty}
      ariaLabels={{ tableLabel: label ?? say.title }}
      columnDefinitions={[
        {
          id: "time",
          header: say.time,
          isRowHeader: true,
          minWidth: 110,
          cell: ({ time, flow, run }) =>
            run ? (
              <RunLink flow={flow} name={run.slice(run.indexOf("/") + 1)}>
                {format.moment(time)}
              </RunLink>
            ) : (
              format.moment(time)
            ),
        },
        { id: "by", header: say.by, minWidth: 110, cell: ({ by }) => by },
        { id: "action", header: say.action, minWidth: 130, cell: ({ action }) => say.did[action] ?? action },
        { id: "flow", header: say.flow, minWidth: 160, cell: ({ flow }) => flow && <FlowLink flow={flow} /> },
        {
          id: "details",
          header: say.details,
          minWidth: 200,
          cell: ({ details }) =>
            Object.entries(details)
              .filter(([, value]) => value !== null && JSON.stringify(value) !== "{}")
              .map(([name, value]) => <div key={name}>{`${name}: ${inline(value)}`}</div>),
        },
      ]}
    />
  );
}
