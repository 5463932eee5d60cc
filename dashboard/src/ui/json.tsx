/** A value as JSON, to read and to copy. */
import CodeView from "@cloudscape-design/code-view/code-view";
import json from "@cloudscape-design/code-view/highlight/json";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

import { useWords } from "../i18n/language";

export default function Json({ value, label }: { value: unknown; label: string }) {
  const words = useWords();
  const text = JSON.stringify(value, null, 2);
  return (
    <CodeView
      content={text}
      highlight={json}
      wrapLines
      ariaLabel={label}
      actions={
        <CopyToClipboard
          variant="icon"
          copyButtonAriaLabel={words.copy}
          copySuccessText={words.copied}
          copyErrorText={words.problems.crash}
          textToCopy={text}
        />
      }
    />
  );
}
