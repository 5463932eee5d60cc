/** What to do about the resources that made a step fail, once for each error code. */
import Box from "@cloudscape-design/components/box";

import type { Step } from "../api/types";
import { useWords } from "../i18n/language";
import { useRemedy } from "../ui/remedy";

export function WhatToDo({ failures }: { failures: Step["failures"] }) {
  const words = useWords();
  const remedy = useRemedy();
  const hints = new Map(failures.map((failure) => [failure.error, failure.hint]));
  if (!hints.size) return null;
  return (
    <div>
      <Box variant="awsui-key-label">{words.run.why}</Box>
      {[...hints].map(([code, hint]) => (
        <div key={code}>{hints.size === 1 ? remedy(hint) : `${code}: ${remedy(hint)}`}</div>
      ))}
    </div>
  );
}
