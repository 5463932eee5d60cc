/** The report of one flow, or of all. */
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { useWords } from "../i18n/language";
import ReportPanel from "../panels/report";
import SummaryPanel from "../panels/summary";
import { DaysChoice, FlowChoice } from "../ui/choices";

export default function Report() {
  const words = useWords();
  const [flow, setFlow] = useState<string | null>(null);
  const [days, setDays] = useState(30);
  return (
    <ContentLayout header={<Header variant="h1">{words.report.title}</Header>}>
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
            <SummaryPanel days={days} />
          </Container>
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}
