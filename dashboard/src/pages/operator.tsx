/** For an operator of a limited group: what needs them, and the panels of buttons that their group or they arrange. */
import Header from "@cloudscape-design/components/header";
import { lazy, Suspense } from "react";

import { ArrangedBoard } from "../board/arranged";
import { useWords } from "../i18n/language";

const Approvals = lazy(() => import("../approvals/list"));
const OpenList = lazy(() => import("../open/list"));

export default function Operator() {
  const words = useWords();
  return (
    <ArrangedBoard
      title={words.shell.operatorTitle}
      above={(kinds) => (
        <Suspense>
          {!kinds.includes("open") && <OpenList hidden header={<Header variant="h2">{words.open.needed}</Header>} />}
          {!kinds.includes("approvals") && <Approvals quiet />}
        </Suspense>
      )}
    />
  );
}
