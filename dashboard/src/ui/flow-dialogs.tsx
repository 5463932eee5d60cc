/** Questions before a flow is held, or its next start skipped. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";

import { useHold, useSkipNext } from "../api/queries";
import type { Flow } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { Confirm } from "./confirm";
import { useNotices } from "./notices";

interface Props {
  asking: "hold" | "skip";
  flow: Flow;
  onClose: () => void;
}

export default function FlowDialog({ asking, ...props }: Props) {
  return asking === "hold" ? <HoldDialog {...props} /> : <SkipDialog {...props} />;
}

/** How long a flow can be held, in hours; 0 is until it is released. */
const HOURS = [0, 1, 4, 12, 24, 72, 168];

function HoldDialog({ flow, onClose }: Omit<Props, "asking">) {
  const words = useWords();
  const notices = useNotices();
  const hold = useHold();
  const [why, setWhy] = useState("");
  const [hours, setHours] = useState("0");
  const [asked, setAsked] = useState(false);
  const options = HOURS.map((n) => ({
    value: String(n),
    label: n === 0 ? words.act.untilReleased : n < 24 ? words.act.inHours(n) : words.act.inDays(n / 24),
  }));
  const confirm = () => {
    setAsked(true);
    if (why.trim() === "") return;
    const until = hours === "0" ? null : new Date(Date.now() + Number(hours) * 3_600_000).toISOString();
    hold.mutate(
      { flow: flow.name, why: why.trim(), until },
      {
        onSuccess: () => {
          notices.say(words.act.held(flow.name));
          onClose();
        },
      },
    );
  };
  return (
    <Confirm
      title={words.act.holdTitle(flow.name)}
      action={words.act.hold}
      pending={hold.isPending}
      error={hold.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <div>{words.act.holdHint}</div>
      <FormField
        label={words.act.holdWhy}
        description={words.act.holdWhyHint}
        errorText={asked && why.trim() === "" ? words.act.holdWhyNeeded : undefined}
      >
        <Input value={why} onChange={({ detail }) => setWhy(detail.value)} />
      </FormField>
      <FormField label={words.act.holdUntil}>
        <Select
          options={options}
          selectedOption={options.find(({ value }) => value === hours) ?? null}
          onChange={({ detail }) => setHours(detail.selectedOption.value ?? "0")}
        />
      </FormField>
    </Confirm>
  );
}

function SkipDialog({ flow, onClose }: Omit<Props, "asking">) {
  const words = useWords();
  const format = useFormat();
  const notices = useNotices();
  const skip = useSkipNext();
  const confirm = () =>
    skip.mutate(flow.name, {
      onSuccess: () => {
        notices.say(words.act.skips(flow.name));
        onClose();
      },
    });
  return (
    <Confirm
      title={words.act.skipTitle(flow.name)}
      action={words.act.skipNext}
      pending={skip.isPending}
      error={skip.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <div>{flow.next ? words.act.skipHint(format.moment(flow.next)) : words.act.skipHintAlarm}</div>
    </Confirm>
  );
}
