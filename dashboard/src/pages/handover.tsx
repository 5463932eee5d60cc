/** The change of shifts: what happened since the user last looked, what is open, and what waits for an answer. */
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";

import ApprovalList from "../approvals/list";
import Happened from "../handover/happened";
import { useHandoverWords } from "../handover/words";
import { useWords } from "../i18n/language";
import OpenList from "../open/list";

export default function Handover() {
  const words = useWords();
  const say = useHandoverWords();
  return (
    <ContentLayout header={<Header variant="h1">{words.shell.handover}</Header>}>
      <SpaceBetween size="l">
        <Box>{say.hint}</Box>
        <Container header={<Header variant="h2">{say.mine}</Header>}>
          <Happened />
        </Container>
        <OpenList header={<Header variant="h2">{words.open.needed}</Header>} />
        <Container header={<Header variant="h2">{say.asked}</Header>}>
          <ApprovalList />
        </Container>
      </SpaceBetween>
    </ContentLayout>
  );
}
