/** Questions before a flow is held, or its next start skipped. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";

import { useHold, useSkipNext } from "../api/queries";
import type { Flow } from "../api/types";
import { LONGEST_WHY, type Asked } from "../holds/fields";
import { HoldQuestion } from "../holds/question";
import { useFormat, useWords } from "../i18n/language";
import { Confirm } from "./confirm";
import { useNotices } from "./notices";
import { useFrameWords } from "./words";

interface Props {
  asking: "hold" | "skip";
  flow: Flow;
  onClose: () => void;
}

export default function FlowDialog({ asking, ...props }: Props) {
  return asking === "hold" ? <HoldDialog {...props} /> : <SkipDialog {...props} />;
}

function HoldDialog({ flow, onClose }: Omit<Props, "asking">) {
  const words = useWords();
  const notices = useNotices();
  const hold = useHold();
  const ask = (asked: Asked) =>
    hold.mutate(
      { flow: flow.name, ...asked },
      {
        onSuccess: () => {
          notices.say(words.act.held(flow.name));
          onClose();
        },
      },
    );
  return (
    <HoldQuestion
      title={words.act.holdTitle(flow.name)}
      action={words.act.hold}
      hint={<div>{words.act.holdHint}</div>}
      hold={hold}
      onAsk={ask}
      onClose={onClose}
    />
  );
}

function SkipDialog({ flow, onClose }: Omit<Props, "asking">) {
  const words = useWords();
  const format = useFormat();
  const notices = useNotices();
  const skip = useSkipNext();
  const { skipWhy } = useFrameWords();
  const [why, setWhy] = useState("");
  const confirm = () =>
    skip.mutate(
      { flow: flow.name, why: why.trim() },
      {
        onSuccess: () => {
          notices.say(words.act.skips(flow.name));
          onClose();
        },
      },
    );
  return (
    <Confirm
      title={words.act.skipTitle(flow.name)}
      action={words.act.skipNext}
      pending={skip.isPending}
      error={skip.error}
      filled={why !== ""}
      onConfirm={confirm}
      onClose={onClose}
    >
      <div>{flow.next ? words.act.skipHint(format.moment(flow.next)) : words.act.skipHintAlarm}</div>
      <FormField label={words.act.holdWhy} description={skipWhy}>
        <Input value={why} onChange={({ detail }) => setWhy(detail.value.slice(0, LONGEST_WHY))} />
      </FormField>
    </Confirm>
  );
}
