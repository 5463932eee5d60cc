/** A dialog that was filled in is left by its buttons; Esc, or a click beside it, asks first. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ModalProps } from "@cloudscape-design/components/modal";
import { useState, type ReactNode } from "react";

import { useFrameWords } from "./words";

interface Leaving {
  onDismiss: NonNullable<ModalProps["onDismiss"]>;
  /** The question, when there is one; the first thing in the dialog. */
  question: ReactNode;
}

export function useLeaving(filled: boolean, onClose: () => void): Leaving {
  const words = useFrameWords();
  const [asking, setAsking] = useState(false);
  return {
    onDismiss: ({ detail }) => {
      if (filled && detail.reason !== "closeButton") setAsking(true);
      else onClose();
    },
    question: filled && asking && (
      <Alert
        type="warning"
        header={words.dropTitle}
        dismissible
        onDismiss={() => setAsking(false)}
        action={<Button onClick={onClose}>{words.drop}</Button>}
      />
    ),
  };
}

/** Puts the focus on the first field of a dialog that is marked as wrong, once it is shown so. */
export function focusFirstWrong(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>("[role=dialog] [aria-invalid=true]")?.focus();
  });
}
