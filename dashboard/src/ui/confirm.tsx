/** A question before something is done. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

import { useWords } from "../i18n/language";
import { useLeaving } from "./leaving";
import { ProblemAlert } from "./problem";

interface Props {
  title: string;
  /** What the button says that does it. */
  action: string;
  pending: boolean;
  error: Error | null;
  /** Whether something was filled in that closing it would lose. */
  filled?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function Confirm({ title, action, pending, error, filled = false, onConfirm, onClose, children }: Props) {
  const words = useWords();
  const { onDismiss, question } = useLeaving(filled, onClose);
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel={words.close}
      onDismiss={onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {words.cancel}
            </Button>
            <Button variant="primary" loading={pending} onClick={onConfirm}>
              {action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {question}
        {error && <ProblemAlert error={error} />}
        {children}
      </SpaceBetween>
    </Modal>
  );
}
