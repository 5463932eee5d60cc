/** Questions before several flows are held, or all of them held or released. */
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useState } from "react";

import { useFlows, useFreeze, useHoldSome, useUnfreeze } from "../api/queries";
import { useWords } from "../i18n/language";
import { Confirm } from "../ui/confirm";
import { useNotices } from "../ui/notices";
import type { Asked } from "./fields";
import { HoldQuestion } from "./question";
import { useHoldWords } from "./words";

interface Props {
  onClose: () => void;
}

export function FreezeDialog({ onClose }: Props) {
  const say = useHoldWords();
  const notices = useNotices();
  const freeze = useFreeze();
  const flows = useFlows();
  const [exempt, setExempt] = useState<string[]>([]);
  const ask = (asked: Asked) =>
    freeze.mutate(
      { ...asked, exempt },
      {
        onSuccess: () => {
          notices.say(say.didFreeze);
          onClose();
        },
      },
    );
  const started = flows.data?.flows.filter(({ schedule, alarm }) => schedule ?? alarm) ?? [];
  const options = started.map(({ name }) => ({ value: name, label: name }));
  return (
    <HoldQuestion
      title={say.freeze}
      action={say.freeze}
      hint={<div>{say.freezeHint}</div>}
      hold={freeze}
      filled={exempt.length > 0}
      onAsk={ask}
      onClose={onClose}
    >
      <FormField label={say.without} description={say.withoutHint}>
        <Multiselect
          options={options}
          filteringType="auto"
          selectedOptions={options.filter(({ value }) => exempt.includes(value))}
          onChange={({ detail }) => setExempt(detail.selectedOptions.map(({ value }) => value ?? ""))}
        />
      </FormField>
    </HoldQuestion>
  );
}

export function UnfreezeDialog({ onClose }: Props) {
  const say = useHoldWords();
  const notices = useNotices();
  const unfreeze = useUnfreeze();
  const confirm = () =>
    unfreeze.mutate(undefined, {
      onSuccess: () => {
        notices.say(say.unfrozen);
        onClose();
      },
    });
  return (
    <Confirm
      title={say.unfreeze}
      action={say.unfreeze}
      pending={unfreeze.isPending}
      error={unfreeze.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      {say.unfreezeHint}
    </Confirm>
  );
}

export function HoldSomeDialog({ flows, onHeld, onClose }: Props & { flows: string[]; onHeld: () => void }) {
  const words = useWords();
  const say = useHoldWords();
  const notices = useNotices();
  const hold = useHoldSome();
  const ask = (asked: Asked) =>
    hold.mutate(
      { ...asked, flows },
      {
        onSuccess: ({ flows: held }) => {
          notices.say(say.held(held.length));
          onHeld();
          onClose();
        },
      },
    );
  const hint = (
    <>
      <div>{words.act.holdHint}</div>
      <Box variant="small">{flows.join(", ")}</Box>
    </>
  );
  return (
    <HoldQuestion
      title={say.holdTitle(flows.length)}
      action={words.act.hold}
      hint={hint}
      hold={hold}
      onAsk={ask}
      onClose={onClose}
    />
  );
}
