/** Who started, stopped, held and released what, and when. */
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { getAudit, useAudit } from "../api/queries";
import { ExportButton } from "../export/button";
import { allPages } from "../export/pages";
import { useFormat, useWords } from "../i18n/language";
import { inline } from "../start/form";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";

/** Entries of a request for a file: what the API gives at most. */
const AT_ONCE = 200;

const readAll = () =>
  allPages(async (cursor) => {
    const { entries, cursor: next } = await getAudit(undefined, cursor, AT_ONCE);
    return { items: entries, cursor: next };
  });

export default function Audit() {
  const words = useWords();
  const format = useFormat();
  const say = words.audit;
  const [cursor, setCursor] = useState<string>();
  const audit = useAudit(undefined, cursor);
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={<ExportButton name="nightshift-log" read={readAll} />}>
          {say.title}
        </Header>
      }
    >
      <Loaded query={audit}>
        {({ entries, cursor: older }) => (
          <SpaceBetween size="m">
            <Table
              items={entries}
              wrapLines
              empty={say.empty}
              ariaLabels={{ tableLabel: say.title }}
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
            {(cursor ?? older) && (
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!cursor} onClick={() => setCursor(undefined)}>
                  {words.runs.newer}
                </Button>
                <Button disabled={!older} onClick={() => setCursor(older ?? undefined)}>
                  {words.runs.older}
                </Button>
              </SpaceBetween>
            )}
          </SpaceBetween>
        )}
      </Loaded>
    </ContentLayout>
  );
}
