/** Links to flows and runs. */
import Link from "@cloudscape-design/components/link";

import { flowPath, href, runPath } from "./paths";
import { useUser } from "./user";

/** A flow's name; a link for those who have pages of flows. */
export function FlowLink({ flow }: { flow: string }) {
  return useUser().admin ? <Link href={href(flowPath(flow))}>{flow}</Link> : <>{flow}</>;
}

export function RunLink({ flow, name, children }: { flow: string; name: string; children: string }) {
  return <Link href={href(runPath(flow, name))}>{children}</Link>;
}
