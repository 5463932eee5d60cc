/** What waits for people to approve. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

import ApprovalList from "../approvals/list";
import { useApprovalWords } from "../approvals/words";
import { useWords } from "../i18n/language";

export default function Approvals() {
  const words = useWords();
  const say = useApprovalWords();
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={say.hint}>
          {words.shell.approvals}
        </Header>
      }
    >
      <ApprovalList />
    </ContentLayout>
  );
}
