/** All flows. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

import { FreezeButton } from "../holds/freeze-button";
import { useWords } from "../i18n/language";
import FlowList from "../panels/flow-list";

export default function Flows() {
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={<FreezeButton />}>
          {useWords().flows.title}
        </Header>
      }
    >
      <FlowList wide />
    </ContentLayout>
  );
}
