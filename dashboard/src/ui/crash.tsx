/** Keeps an error in one part of the page from taking the rest with it. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { Component, type ReactNode } from "react";

import { useWords } from "../i18n/language";

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
