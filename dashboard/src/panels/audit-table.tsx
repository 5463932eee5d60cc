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
  header?: ReactNode;
  label?: string;
}

export function AuditTable({ entries, empty, header, label }: Props) {
  const format = useFormat();
  const say = useWords().audit;
  return (
    <Table
      {...(header !== undefined && { header })}
      items={entries}
      wrapLines
      empty={empty}
      ariaLabels={{ tableLabel: label ?? say.title }}
      columnDefinitions={[
        {
          id: "time",
          header: say.time,
          isRowHeader: true,
          cell: ({ time, flow, run }) =>
            run ? (
              <RunLink flow={flow} name={run.slice(run.indexOf("/") + 1)}>
                {format.moment(time)}
              </RunLink>
            ) : (
              format.moment(time)
            ),
        },
        { id: "by", header: say.by, cell: ({ by }) => by },
        { id: "action", header: say.action, cell: ({ action }) => say.did[action] ?? action },
        { id: "flow", header: say.flow, cell: ({ flow }) => flow && <FlowLink flow={flow} /> },
        {
          id: "details",
          header: say.details,
          cell: ({ details }) =>
            Object.entries(details)
              .filter(([, value]) => value !== null && JSON.stringify(value) !== "{}")
              .map(([name, value]) => <div key={name}>{`${name}: ${inline(value)}`}</div>),
        },
      ]}
    />
  );
}
