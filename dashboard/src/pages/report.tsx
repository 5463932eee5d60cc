/** The report of one flow, or of all. */
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { getReport } from "../api/queries";
import { ExportButton } from "../export/button";
import { lastDays, ownZone } from "../i18n/format";
import { useWords } from "../i18n/language";
import ReportPanel from "../panels/report";
import SummaryPanel from "../panels/summary";
import { DaysChoice, FlowChoice } from "../ui/choices";

export default function Report() {
  const words = useWords();
  const [flow, setFlow] = useState<string | null>(null);
  const [days, setDays] = useState(30);
  const read = async () => {
    const { since, until } = lastDays(days, ownZone());
    return { rows: (await getReport(flow, since, until, ownZone())).days, cut: false };
  };
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={<ExportButton name="nightshift-report" read={read} />}>
          {words.report.title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Grid gridDefinition={[{ colspan: { default: 12, s: 4 } }, { colspan: { default: 12, s: 4 } }]}>
          <FlowChoice value={flow} onChange={setFlow} />
          <DaysChoice value={days} onChange={setDays} />
        </Grid>
        <Container header={<Header variant="h2">{flow ?? words.runs.everyFlow}</Header>}>
          <ReportPanel flow={flow} days={days} height={260} />
        </Container>
        {flow === null && (
          <Container header={<Header variant="h2">{words.summary.title}</Header>}>
            <SummaryPanel days={days} chart={false} />
          </Container>
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}
