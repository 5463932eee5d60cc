/** What a query gives once it is there; until then a spinner, or why it did not come. */
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useWords } from "../i18n/language";
import { ProblemAlert } from "./problem";

interface Props<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}

export function Loaded<T>({ query, children }: Props<T>) {
  const again = () => void query.refetch();
  if (query.data === undefined) return query.error ? <ProblemAlert error={query.error} onRetry={again} /> : <Waiting />;
  // What was read before stays on the page when a later request fails: old news is better than none.
  return (
    <SpaceBetween size="s">
      {query.error && <ProblemAlert error={query.error} onRetry={again} />}
      {children(query.data)}
    </SpaceBetween>
  );
}

export function Waiting() {
  const words = useWords();
  return (
    <Box textAlign="center" padding="l" color="text-body-secondary">
      <Spinner /> {words.loading}
    </Box>
  );
}
