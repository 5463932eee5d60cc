/** What happened at each node of a flow's graph in a run. */
import type { Step, StepState } from "../api/types";

/** Of several steps of one node (a loop, the items of a Map) the first of these tells most. */
const URGENT: readonly StepState[] = ["failed", "running", "waiting", "handled", "succeeded"];

export interface Happened {
  state: StepState;
  steps: Step[];
}

export function happened(steps: readonly Step[]): Map<string, Happened> {
  const found = new Map<string, Happened>();
  for (const step of steps) {
    const before = found.get(step.name);
    if (!before) found.set(step.name, { state: step.state, steps: [step] });
    else {
      before.steps.push(step);
      if (URGENT.indexOf(step.state) < URGENT.indexOf(before.state)) before.state = step.state;
    }
  }
  return found;
}
