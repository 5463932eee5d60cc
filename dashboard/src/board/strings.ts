/** What the board says to screen readers while panels are moved. */
import type { BoardProps } from "@cloudscape-design/board-components/board";

import type { Words } from "../i18n/en";
import { titleOf, type PanelData } from "./board";

type Strings = BoardProps.I18nStrings<PanelData>;

/** Without what has no effect any more, though its type still asks for it. */
type Used = Omit<Strings, "navigationAriaLabel" | "navigationItemAriaLabel">;

export function boardStrings(words: Words): Strings {
  const say = words.board;
  const others = (count: number) => (count > 0 ? [say.moves(count)] : []);
  const used: Used = {
    liveAnnouncementDndStarted: say.picked,
    liveAnnouncementDndItemReordered: ({ placement, disturbed }) =>
      words.and([say.placed(placement.x + 1, placement.y + 1), ...others(disturbed.length)]),
    liveAnnouncementDndItemResized: ({ placement, disturbed, isMinimalColumnsReached, isMinimalRowsReached }) =>
      words.and([
        say.sized(placement.width, placement.height),
        ...(isMinimalColumnsReached || isMinimalRowsReached ? [say.smallest] : []),
        ...others(disturbed.length),
      ]),
    liveAnnouncementDndItemInserted: ({ placement, disturbed }) =>
      words.and([say.placed(placement.x + 1, placement.y + 1), ...others(disturbed.length)]),
    liveAnnouncementDndCommitted: () => say.committed,
    liveAnnouncementDndDiscarded: () => say.discarded,
    liveAnnouncementItemRemoved: ({ item }) => say.removed(titleOf(item.data, words)),
  };
  return used as Strings;
}
