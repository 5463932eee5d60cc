/** What the steps of a run are called in the flow, as the drawing has it. */
import { useFlow } from "../api/queries";
import { useTreeWords } from "../graph/words";
import { useInLanguage } from "../ui/user";

/** By the name of a step; null for one that the drawing does not have. */
export function useStepTitles(flow: string): (name: string) => string | null {
  const tree = useFlow(flow).data?.tree ?? [];
  const inLanguage = useInLanguage();
  const { gate } = useTreeWords();
  const titles = new Map(tree.map((node) => [node.id, inLanguage(node.title, node.title_ja)]));
  return (name) => titles.get(name) ?? (name === "gate" ? gate : null);
}
