/** The question before flows are held: why, until when, and what else it asks. */
import type { ReactNode } from "react";

import { Confirm } from "../ui/confirm";
import { useHoldFields, type Asked } from "./fields";

interface Props {
  title: string;
  action: string;
  /** What is said before the fields. */
  hint: ReactNode;
  hold: { isPending: boolean; error: Error | null };
  /** Whether something beside the usual fields was filled in. */
  filled?: boolean;
  onAsk: (asked: Asked) => void;
  onClose: () => void;
  /** Further fields. */
  children?: ReactNode;
}

export function HoldQuestion({ hint, hold, filled = false, onAsk, children, ...props }: Props) {
  const { fields, filled: written, read } = useHoldFields();
  const confirm = () => {
    const asked = read();
    if (asked) onAsk(asked);
  };
  return (
    <Confirm {...props} pending={hold.isPending} error={hold.error} filled={written || filled} onConfirm={confirm}>
      {hint}
      {fields}
      {children}
    </Confirm>
  );
}
