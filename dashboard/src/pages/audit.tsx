/** Who started, stopped, held and released what, and when. */
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { getAudit, useAudit } from "../api/queries";
import { ExportButton } from "../export/button";
import { allPages } from "../export/pages";
import { useWords } from "../i18n/language";
import { AuditTable } from "../panels/audit-table";
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
            <AuditTable entries={entries} empty={say.empty} />
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
