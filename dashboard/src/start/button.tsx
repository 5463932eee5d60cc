/** The button that opens the dialog which starts a flow. */
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import { lazy, Suspense, useState } from "react";

import type { Flow } from "../api/types";
import { useWords } from "../i18n/language";

const StartDialog = lazy(() => import("./dialog"));

interface Props {
  flow: Flow;
  variant?: ButtonProps["variant"];
}

export function StartButton({ flow, variant = "normal" }: Props) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant={variant}
        wrapText={false}
        ariaLabel={words.flows.startFlow(flow.name)}
        onClick={() => setOpen(true)}
      >
        {words.flows.start}
      </Button>
      {open && (
        <Suspense>
          <StartDialog flow={flow} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
