/** What is open: runs that failed and deadlines that were missed, until somebody acknowledges them. */
import Box from "@cloudscape-design/components/box";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";

import { useWords } from "../i18n/language";
import OpenList from "../open/list";
import { useDesktop } from "../open/news";

export default function Open() {
  const say = useWords().open;
  const desktop = useDesktop();
  return (
    <ContentLayout header={<Header variant="h1">{say.title}</Header>}>
      <SpaceBetween size="m">
        <Box>{say.hint}</Box>
        {desktop.possible && (
          <Toggle checked={desktop.on} onChange={({ detail }) => void desktop.turn(detail.checked)}>
            {say.desktop}
          </Toggle>
        )}
        <OpenList header={<Header variant="h2">{say.needed}</Header>} />
      </SpaceBetween>
    </ContentLayout>
  );
}
