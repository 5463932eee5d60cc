/** A board of panels that somebody arranges: for himself, or an administrator for a group. */
import Board from "@cloudscape-design/board-components/board";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

import type { PanelKind } from "../api/types";
import { useWords } from "../i18n/language";
import { Loaded } from "../ui/loaded";
import { useNotices } from "../ui/notices";
import { useFrameWords } from "../ui/words";
import {
  arranged,
  kindTitle,
  newPanel,
  PANEL_KINDS,
  titleOf,
  toItem,
  toPanel,
  type Item,
  type PanelData,
} from "./board";
import { BoardPanel } from "./panel";
import { boardStrings } from "./strings";
import { useBoard } from "./use-board";
import { useArrangingWords } from "./words";

const USUAL = "usual";

interface Props {
  title: string;
  description?: string;
  /** Whose default board it is; without it, the user's own. */
  group?: string;
  /** What else stands beside the title. */
  actions?: ReactNode;
  /** What stands above the panels, by the kinds of panels that are there. */
  above?: (kinds: PanelKind[]) => ReactNode;
}

export function ArrangedBoard({ title, description, group, actions, above }: Props) {
  const words = useWords();
  const notices = useNotices();
  const board = useBoard(group ?? null);
  const { panels, change } = board;
  const say = useArrangingWords();
  const { undo } = useFrameWords();
  const add = (kind: PanelKind) =>
    change(
      (before) => [...before, newPanel(kind)],
      () => notices.say(words.board.added(kindTitle(kind, words))),
    );
  const update = (id: string, data: PanelData) =>
    change((before) =>
      before.map((panel) => (panel.id === id ? { ...panel, title: data.title, settings: data.settings } : panel)),
    );
  const arrange = (items: readonly Item[], removed?: Item) => {
    const place = panels?.findIndex(({ id }) => id === removed?.id) ?? 0;
    change(
      (now) => arranged(now, items, removed?.id),
      removed &&
        (() =>
          notices.say(words.board.removed(titleOf(removed.data, words)), {
            text: undo,
            onClick: board.later((now) => now.toSpliced(place, 0, toPanel(removed))),
          })),
    );
  };
  const reset = () => {
    const before = panels ?? [];
    board.reset(() => notices.say(say.isUsual, { text: undo, onClick: board.later(() => before) }));
  };
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          {...(description !== undefined && { description })}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {actions}
              <ButtonDropdown
                items={[
                  ...PANEL_KINDS.map((kind) => ({ id: kind, text: kindTitle(kind, words) })),
                  { id: USUAL, text: say.toUsual, iconName: "undo", disabled: !board.own },
                ]}
                onItemClick={({ detail }) => {
                  if (detail.id === USUAL) reset();
                  const kind = PANEL_KINDS.find((each) => each === detail.id);
                  if (kind) add(kind);
                }}
              >
                {words.board.add}
              </ButtonDropdown>
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
    >
      <Loaded query={board.query}>
        {() => (
          <SpaceBetween size="l">
            {above?.(panels?.map(({ kind }) => kind) ?? [])}
            {group && !board.own && <Box color="text-body-secondary">{say.noDefault}</Box>}
            <Board<PanelData>
              items={panels?.map(toItem) ?? []}
              i18nStrings={boardStrings(words)}
              onItemsChange={({ detail }) => arrange(detail.items, detail.removedItem)}
              renderItem={(item, actions) => (
                <BoardPanel
                  group={group}
                  item={item}
                  onRemove={() => actions.removeItem()}
                  onChange={(data) => update(item.id, data)}
                />
              )}
              empty={
                <Box textAlign="center" padding="xl">
                  <Box variant="h2">{group ? say.emptyGroup : words.board.empty}</Box>
                  <Box variant="p">{words.board.emptyHint}</Box>
                  <Button onClick={reset}>{say.usual}</Button>
                </Box>
              }
            />
          </SpaceBetween>
        )}
      </Loaded>
    </ContentLayout>
  );
}
