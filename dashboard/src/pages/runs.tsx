/** All runs, filtered and sorted; the filters stand in the address, so that a link shows the same again. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";

import { getRuns } from "../api/queries";
import { ExportButton } from "../export/button";
import { allPages } from "../export/pages";
import { filterOf, readingOrder } from "../find/filter";
import { RunFilters } from "../find/filters";
import { useWords } from "../i18n/language";
import RunList from "../panels/run-list";
import { useChosen } from "../ui/address";

/** Rows of a request for a file: what the API gives at most. */
const AT_ONCE = 200;

export default function Runs() {
  const words = useWords();
  const [chosen, choose] = useChosen();
  const address = chosen.toString();
  // Of one address the period stays the same, or each look would ask for another one.
  const filter = useMemo(() => filterOf(new URLSearchParams(address), new Date()), [address]);
  const read = async () => {
    const { sort, arrange } = readingOrder(filter);
    const { rows, cut } = await allPages(async (cursor) => {
      const { runs, cursor: next } = await getRuns({ ...filter, sort, limit: AT_ONCE, ...(cursor && { cursor }) });
      return { items: runs, cursor: next };
    });
    return { rows: arrange(rows), cut };
  };
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={<ExportButton name="nightshift-runs" read={read} />}>
          {words.runs.title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <RunFilters chosen={chosen} choose={choose} />
        {/* Another choice begins at its first page. */}
        <RunList key={address} filter={filter} limit={50} wide />
      </SpaceBetween>
    </ContentLayout>
  );
}
