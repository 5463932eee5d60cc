/** For an operator of a limited group: a large button for each flow they may start, a panel for each of their groups. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useState } from "react";

import { useFlows } from "../api/queries";
import type { Flow } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { RunStateLabel, StandingLabel } from "../ui/states";
import { useUser } from "../ui/user";

const StartDialog = lazy(() => import("../start/dialog"));

export default function Operator() {
  const words = useWords();
  const { groups } = useUser();
  const flows = useFlows();
  const [starting, setStarting] = useState<Flow | null>(null);
  return (
    <ContentLayout header={<Header variant="h1">{words.shell.operatorTitle}</Header>}>
      <Loaded query={flows}>
        {(data) => (
          <SpaceBetween size="l">
            {data.flows.length === 0 && <Box>{words.flows.empty}</Box>}
            {inPanels(data.flows, groups).map(([group, those]) => (
              <Container key={group} header={<Header variant="h2">{group}</Header>}>
                <div className="tiles">
                  {those.map((flow) => (
                    <Tile key={flow.name} flow={flow} onStart={() => setStarting(flow)} />
                  ))}
                </div>
              </Container>
            ))}
          </SpaceBetween>
        )}
      </Loaded>
      {starting && (
        <Suspense>
          <StartDialog flow={starting} onClose={() => setStarting(null)} />
        </Suspense>
      )}
    </ContentLayout>
  );
}

/** The flows of each group; one of several groups stands in the first of them, so that each has one button. */
export function inPanels(flows: readonly Flow[], groups: readonly string[]): [string, Flow[]][] {
  const panels = new Map<string, Flow[]>(groups.map((group) => [group, []]));
  for (const flow of flows) {
    const group = groups.find((each) => flow.operators.includes(each));
    if (group) panels.get(group)?.push(flow);
  }
  return [...panels].filter(([, those]) => those.length > 0);
}

function Tile({ flow, onStart }: { flow: Flow; onStart: () => void }) {
  const words = useWords();
  const format = useFormat();
  const last = flow.last_run;
  return (
    <SpaceBetween size="xs">
      <Button variant="primary" fullWidth ariaLabel={words.flows.startFlow(flow.name)} onClick={onStart}>
        <Box fontSize="heading-m" padding="s" color="inherit">
          {flow.name}
        </Box>
      </Button>
      <Box>{flow.title}</Box>
      <StandingLabel standing={flow.standing} />
      {last && (
        <SpaceBetween direction="horizontal" size="xs">
          <RunStateLabel state={last.state} />
          <RunLink flow={flow.name} name={last.name}>
            {format.moment(last.started)}
          </RunLink>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
