/** All instances of the region. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

import { useWords } from "../i18n/language";
import FleetPanel from "../panels/fleet";
import { useUser } from "../ui/user";

// One list for good: a new one would be another question to the API.
const ANY: readonly string[] = [];

export default function Fleet() {
  const { region } = useUser();
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={region}>
          {useWords().fleet.title}
        </Header>
      }
    >
      <FleetPanel tag={ANY} wide />
    </ContentLayout>
  );
}
