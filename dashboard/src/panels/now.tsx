/** What runs now, with what is left of it, and what failed within the last day. */
import { useNow } from "../api/queries";
import type { Run } from "../api/types";
import { usePresetWords } from "../presets/words";
import { Counted } from "../run/remaining";
import type { Columns } from "../ui/columns";
import { Loaded } from "../ui/loaded";
import { RunTable } from "./run-list";

export default function Now({ columns }: { columns?: Columns }) {
  const say = usePresetWords();
  const now = useNow();
  return (
    <Loaded query={now}>
      {({ runs, usual }) => {
        const left = ({ flow, state, dry_run, duration }: Run) => {
          const seconds = usual[flow];
          if (state !== "RUNNING" || dry_run || !seconds) return null;
          // By how long it has been at work, which leaves out the time before a redrive.
          return <Counted usual={seconds} began={now.dataUpdatedAt - (duration ?? 0) * 1000} />;
        };
        return <RunTable runs={runs} left={left} columns={columns} empty={say.nothingNow} />;
      }}
    </Loaded>
  );
}
