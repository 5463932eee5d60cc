/** Hold, release and skip the next start of a flow. */
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { lazy, Suspense, useState } from "react";

import { useRelease, useUnskip } from "../api/queries";
import type { Flow } from "../api/types";
import { useWords } from "../i18n/language";
import { useNotices } from "./notices";
import { useFrameWords } from "./words";

const FlowDialog = lazy(() => import("./flow-dialogs"));

interface Props {
  flow: Flow;
  /** Whether the words stand on the button; otherwise three dots do. */
  named?: boolean;
}

export function FlowActions({ flow, named = false }: Props) {
  const words = useWords();
  const notices = useNotices();
  const say = useFrameWords();
  const release = useRelease();
  const unskip = useUnskip();
  const [asking, setAsking] = useState<"hold" | "skip" | null>(null);
  const { hold, skip_next } = flow.standing;
  const close = () => setAsking(null);
  const act = (id: string) => {
    if (id === "hold" || id === "skip") setAsking(id);
    else if (id === "unskip") {
      unskip.mutate(flow.name, {
        onSuccess: () => notices.say(say.unskipped(flow.name)),
        onError: (error) => notices.fail(say.unskip, error),
      });
    } else {
      release.mutate(flow.name, {
        onSuccess: () => notices.say(words.act.released(flow.name)),
        onError: (error) => notices.fail(words.act.release, error),
      });
    }
  };
  return (
    <>
      <ButtonDropdown
        variant={named ? "normal" : "icon"}
        ariaLabel={words.flows.actionsOf(flow.name)}
        expandToViewport
        loading={release.isPending || unskip.isPending}
        items={[
          hold ? { id: "release", text: words.act.release } : { id: "hold", text: words.act.hold },
          skip_next ? { id: "unskip", text: say.unskip } : { id: "skip", text: words.act.skipNext },
        ]}
        onItemClick={({ detail }) => act(detail.id)}
      >
        {named ? words.actions : undefined}
      </ButtonDropdown>
      {asking && (
        <Suspense>
          <FlowDialog asking={asking} flow={flow} onClose={close} />
        </Suspense>
      )}
    </>
  );
}
