/** Python source, with line numbers. */
import CodeView from "@cloudscape-design/code-view/code-view";
import python from "@cloudscape-design/code-view/highlight/python";

export default function Source({ code, label }: { code: string; label: string }) {
  return <CodeView content={code.trimEnd()} highlight={python} lineNumbers ariaLabel={label} />;
}
