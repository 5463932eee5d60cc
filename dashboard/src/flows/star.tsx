/** The star of a flow: whether it is one of the user's favourites. */
import ToggleButton from "@cloudscape-design/components/toggle-button";

import { useMarkFavourite } from "../api/queries";
import type { Flow } from "../api/types";
import { useNotices } from "../ui/notices";
import { useFlowWords } from "./words";

export function Star({ flow: { name, favourite } }: { flow: Pick<Flow, "name" | "favourite"> }) {
  const say = useFlowWords();
  const notices = useNotices();
  const mark = useMarkFavourite();
  const label = favourite ? say.unstar(name) : say.star(name);
  // What was asked for is shown at once; an answer that refuses it takes it back.
  const shown = mark.isPending ? mark.variables.favourite : favourite;
  return (
    <ToggleButton
      variant="icon"
      iconName="star"
      pressedIconName="star-filled"
      pressed={shown}
      ariaLabel={label}
      onChange={({ detail }) =>
        mark.mutate({ flow: name, favourite: detail.pressed }, { onError: (error) => notices.fail(label, error) })
      }
    />
  );
}
