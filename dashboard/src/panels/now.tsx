/** What runs now, and what failed within the last day. */
import { useNow } from "../api/queries";
import type { Columns } from "../ui/columns";
import { Loaded } from "../ui/loaded";
import { usePresetWords } from "../presets/words";
import { RunTable } from "./run-list";

export default function Now({ columns }: { columns?: Columns }) {
  const say = usePresetWords();
  const now = useNow();
  return <Loaded query={now}>{({ runs }) => <RunTable runs={runs} columns={columns} empty={say.nothingNow} />}</Loaded>;
}
