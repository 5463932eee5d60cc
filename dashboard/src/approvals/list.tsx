/** What waits for approval: all of it, or what one run asks. */
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useApprovals } from "../api/queries";
import { Loaded } from "../ui/loaded";
import { Question } from "./question";
import { useApprovalWords } from "./words";

/** quiet: nothing at all is shown where nothing waits. */
export default function ApprovalList({ run, quiet = false }: { run?: string; quiet?: boolean }) {
  const say = useApprovalWords();
  const approvals = useApprovals();
  const shown = approvals.data?.approvals.filter((each) => !run || `${each.flow}/${each.run}` === run);
  if (quiet && !shown?.length) return null;
  return (
    <Loaded query={approvals}>
      {() => (
        <SpaceBetween size="m">
          {shown?.length === 0 && <Box color="text-body-secondary">{say.empty}</Box>}
          {shown?.map((question) => (
            <Question key={`${question.run}/${question.id}/${question.asked}`} question={question} inside={!!run} />
          ))}
        </SpaceBetween>
      )}
    </Loaded>
  );
}
