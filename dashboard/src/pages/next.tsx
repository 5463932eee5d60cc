/** What the schedules start next. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { useWords } from "../i18n/language";
import NextRuns from "../panels/next-runs";
import { HoursChoice } from "../ui/choices";

export default function Next() {
  const words = useWords();
  const [hours, setHours] = useState(48);
  return (
    <ContentLayout header={<Header variant="h1">{words.next.title}</Header>}>
      <SpaceBetween size="m">
        <Grid gridDefinition={[{ colspan: { default: 12, s: 4 } }]}>
          <HoursChoice value={hours} onChange={setHours} />
        </Grid>
        <NextRuns hours={hours} listed={200} wide />
      </SpaceBetween>
    </ContentLayout>
  );
}
