/** The default board of a group, as an administrator arranges it. */
import { ArrangedBoard } from "../board/arranged";
import { useArrangingWords } from "../board/words";

export default function GroupBoard({ group }: { group: string }) {
  const say = useArrangingWords();
  return <ArrangedBoard title={say.ofGroup(group)} description={say.ofGroupHint} group={group} />;
}
