/** What a flow would do next, in words. */
import Box from "@cloudscape-design/components/box";

import { useFlow } from "../api/queries";
import type { TreeNode } from "../api/types";
import { useTreeWords } from "../graph/words";
import { Loaded } from "../ui/loaded";
import { useInLanguage } from "../ui/user";
import { following } from "./following";
import { useApprovalWords } from "./words";

const SHOWN = 12;

export function NextSteps({ flow, step }: { flow: string; step: string }) {
  const say = useApprovalWords();
  const told = useTold();
  const detail = useFlow(flow);
  return (
    <div>
      <Box variant="awsui-key-label">{say.next}</Box>
      <Loaded query={detail}>
        {({ tree }) => {
          const steps = following(tree, step);
          return (
            <ul className="next-steps">
              {steps.length === 0 && <li>{say.nothing}</li>}
              {steps.slice(0, SHOWN).map(({ node, depth }) => (
                <li key={node.id} style={{ marginInlineStart: `${depth}em` }}>
                  {told(node)}
                </li>
              ))}
              {steps.length > SHOWN && <li>{say.more(steps.length - SHOWN)}</li>}
            </ul>
          );
        }}
      </Loaded>
    </div>
  );
}

/** A statement in words, as the drawing of the flow has them. */
function useTold(): (node: TreeNode) => string {
  const say = useTreeWords();
  const inLanguage = useInLanguage();
  return ({ kind, title, title_ja, code }) => {
    const shown = inLanguage(title, title_ja);
    switch (kind) {
      case "if":
        return say.if(shown);
      case "raise":
        return say.raise(shown);
      case "except":
        return say.except(shown);
      case "return":
        return code ? `${say.return}: ${code}` : say.return;
      case "then":
      case "else":
      case "try":
      case "body":
      case "finally":
      case "break":
      case "continue":
        return say[kind];
      default:
        return shown || code;
    }
  };
}
