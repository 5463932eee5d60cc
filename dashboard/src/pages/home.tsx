/** My page: the board of panels that the user arranges. */
import Board from "@cloudscape-design/board-components/board";
import Box from "@cloudscape-design/components/box";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

import type { PanelKind } from "../api/types";
import { kindTitle, newPanel, PANEL_KINDS, toItem, toPanel, type PanelData } from "../board/board";
import { BoardPanel } from "../board/panel";
import { boardStrings } from "../board/strings";
import { useBoard } from "../board/use-board";
import { useWords } from "../i18n/language";
import { Loaded } from "../ui/loaded";
import { useNotices } from "../ui/notices";

export default function Home() {
  const words = useWords();
  const notices = useNotices();
  const { query, change } = useBoard();
  const panels = query.data?.panels ?? [];
  const add = (kind: PanelKind) => {
    change([...panels, newPanel(kind)]);
    notices.say(words.board.added(kindTitle(kind, words)));
  };
  const update = (id: string, data: PanelData) =>
    change(panels.map((panel) => (panel.id === id ? { ...panel, title: data.title, settings: data.settings } : panel)));
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={
            <ButtonDropdown
              items={PANEL_KINDS.map((kind) => ({ id: kind, text: kindTitle(kind, words) }))}
              onItemClick={({ detail }) => {
                const kind = PANEL_KINDS.find((each) => each === detail.id);
                if (kind) add(kind);
              }}
            >
              {words.board.add}
            </ButtonDropdown>
          }
        >
          {words.shell.home}
        </Header>
      }
    >
      <Loaded query={query}>
        {(board) => (
          <Board<PanelData>
            items={board.panels.map(toItem)}
            i18nStrings={boardStrings(words)}
            onItemsChange={({ detail }) => change(detail.items.map((item) => toPanel(item)))}
            renderItem={(item, actions) => (
              <BoardPanel
                item={item}
                onRemove={() => actions.removeItem()}
                onChange={(data) => update(item.id, data)}
              />
            )}
            empty={
              <Box textAlign="center" padding="xl">
                <Box variant="h2">{words.board.empty}</Box>
                <Box variant="p">{words.board.emptyHint}</Box>
              </Box>
            }
          />
        )}
      </Loaded>
    </ContentLayout>
  );
}
