/** A question before something is done. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

import { useWords } from "../i18n/language";
import { ProblemAlert } from "./problem";

interface Props {
  title: string;
  /** What the button says that does it. */
  action: string;
  pending: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function Confirm({ title, action, pending, error, onConfirm, onClose, children }: Props) {
  const words = useWords();
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel={words.close}
      onDismiss={onClose}
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
        {error && <ProblemAlert error={error} />}
        {children}
      </SpaceBetween>
    </Modal>
  );
}
