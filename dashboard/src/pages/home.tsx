/** My page: the board of panels that an administrator arranges, with the way to the boards of groups. */
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { useLocation } from "wouter";

import { ArrangedBoard } from "../board/arranged";
import { useArrangingWords } from "../board/words";
import { useWords } from "../i18n/language";
import { boardPath } from "../ui/paths";
import { useUser } from "../ui/user";

export default function Home() {
  const words = useWords();
  const say = useArrangingWords();
  const [, navigate] = useLocation();
  const { boards: groups } = useUser();
  return (
    <ArrangedBoard
      title={words.shell.home}
      actions={
        groups.length > 0 && (
          <ButtonDropdown
            items={groups.map((group) => ({ id: group, text: say.ofGroup(group) }))}
            onItemClick={({ detail }) => navigate(boardPath(detail.id))}
          >
            {say.arrange}
          </ButtonDropdown>
        )
      }
    />
  );
}
