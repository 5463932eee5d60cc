/** The comment with which somebody says that it is taken care of. */
import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";

import { useAcknowledge } from "../api/queries";
import type { OpenItem } from "../api/types";
import { useWords } from "../i18n/language";
import { Confirm } from "../ui/confirm";
import { useNotices } from "../ui/notices";

const LONGEST = 500;

export default function Acknowledge({ item, onClose }: { item: OpenItem; onClose: () => void }) {
  const words = useWords();
  const say = words.open;
  const notices = useNotices();
  const acknowledge = useAcknowledge();
  const [comment, setComment] = useState("");
  const [asked, setAsked] = useState(false);
  const said = comment.trim();
  const wrong = said === "" || said.length > LONGEST;
  const confirm = () => {
    setAsked(true);
    if (wrong) return;
    acknowledge.mutate(
      { flow: item.flow, key: item.key, comment: said },
      {
        onSuccess: () => {
          notices.say(say.acknowledged(`${item.flow}/${item.key}`));
          onClose();
        },
      },
    );
  };
  return (
    <Confirm
      title={say.acknowledgeOf(`${item.flow}/${item.key}`)}
      action={say.acknowledge}
      pending={acknowledge.isPending}
      error={acknowledge.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <div>{item.why && words.told(item.why)}</div>
      <FormField
        label={say.comment}
        description={say.commentHint}
        errorText={asked && wrong ? say.commentNeeded(LONGEST) : undefined}
      >
        <Textarea value={comment} rows={3} autoFocus onChange={({ detail }) => setComment(detail.value)} />
      </FormField>
    </Confirm>
  );
}
