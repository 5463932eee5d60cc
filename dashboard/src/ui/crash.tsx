/** Keeps an error in one part of the page from taking the rest with it. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { Component, useEffect, useState, type ReactNode } from "react";

import { useWords } from "../i18n/language";
import { reach } from "../session/reach";

interface State {
  error: Error | null;
}

export class Crash extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    return this.state.error ? <Crashed error={this.state.error} /> : this.props.children;
  }
}

function Crashed({ error }: { error: Error }) {
  const words = useWords();
  const away = useAway();
  if (away)
    return (
      <Alert type="error" header={words.problems.title.offline}>
        {words.problems.offlineHint}
      </Alert>
    );
  return (
    <Alert
      type="error"
      header={words.problems.crash}
      action={<Button onClick={() => location.reload()}>{words.refresh}</Button>}
    >
      {words.problems.crashHint} ({error.message})
    </Alert>
  );
}

/** Whether the server cannot be reached, so that a part of the page did not come; loads the page anew once it can. */
function useAway(): boolean {
  const [away, setAway] = useState(false);
  useEffect(() => {
    let left = false;
    let was = false;
    const waiting = () => {
      was = true;
      if (!left) setAway(true);
    };
    // A server that answers at once is not the reason: loading anew would end in the same error, over and over.
    void reach("/config.json", waiting).then(() => {
      if (was && !left) location.reload();
    });
    return () => {
      left = true;
    };
  }, []);
  return away;
}
