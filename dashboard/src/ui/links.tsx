/** Links to flows and runs. */
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";

import { useWords } from "../i18n/language";
import { flowPath, href, instancePath, runPath } from "./paths";
import { useTitleOf, useUser } from "./user";

/** A flow's title with its name small below it, or its name; a link for those who have pages of flows. */
export function FlowLink({ flow }: { flow: string }) {
  const title = useTitleOf()(flow);
  const { everyFlow } = useWords().runs;
  const { admin } = useUser();
  // What was done to all flows at once has no page.
  if (flow === "*") return everyFlow;
  const shown = <span className="name">{title ?? flow}</span>;
  return (
    <>
      {admin ? <Link href={href(flowPath(flow))}>{shown}</Link> : shown}
      {title && (
        <Box variant="small" display="block" color="text-body-secondary">
          <span className="name">{flow}</span>
        </Box>
      )}
    </>
  );
}

export function RunLink({ flow, name, children }: { flow: string; name: string; children: string }) {
  return <Link href={href(runPath(flow, name))}>{children}</Link>;
}

/** An instance, a link for those who have its page. */
export function InstanceLink({ id, children }: { id: string; children: string }) {
  return useUser().admin ? <Link href={href(instancePath(id))}>{children}</Link> : children;
}
