/** All runs, of one flow or in one state if wanted. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import type { RunState } from "../api/types";
import { useWords } from "../i18n/language";
import RunList from "../panels/run-list";
import { FlowChoice, StateChoice } from "../ui/choices";

export default function Runs() {
  const words = useWords();
  const [flow, setFlow] = useState<string | null>(null);
  const [state, setState] = useState<RunState | null>(null);
  return (
    <ContentLayout header={<Header variant="h1">{words.runs.title}</Header>}>
      <SpaceBetween size="m">
        <Grid gridDefinition={[{ colspan: { default: 12, s: 4 } }, { colspan: { default: 12, s: 4 } }]}>
          <FlowChoice value={flow} onChange={setFlow} />
          <StateChoice value={state} onChange={setState} />
        </Grid>
        {/* Another choice begins at its first page. */}
        <RunList key={`${flow ?? ""} ${state ?? ""}`} flow={flow} state={state} limit={50} wide />
      </SpaceBetween>
    </ContentLayout>
  );
}
