/** Short names of what the API gives. */
import type { Schemas } from "./client";

export type Approval = Schemas["Approval"];
export type AuditEntry = Schemas["AuditEntry"];
export type Flow = Schemas["Flow"];
export type FlowDetail = Schemas["FlowDetail"];
export type FlowParameter = Schemas["FlowParameter"];
export type Graph = Schemas["Graph"];
export type GraphNode = Schemas["Node"];
export type Instance = Schemas["Instance"];
export type LogLine = Schemas["LogLine"];
export type Me = Schemas["Me"];
export type NextRun = Schemas["NextRun"];
export type OpenItem = Schemas["OpenItem"];
export type Panel = Schemas["Panel"];
export type Preset = Schemas["Preset"];
export type PanelKind = Panel["kind"];
export type Report = Schemas["Report"];
export type Run = Schemas["Run"];
export type RunDetail = Schemas["RunDetail"];
export type RunState = Run["state"];
export type Standing = Schemas["Standing"];
export type StateCounts = Schemas["StateCounts"];
export type Step = Schemas["Step"];
export type StepState = Step["state"];
export type TreeNode = Schemas["TreeNode"];
export type Trigger = Schemas["Trigger"];

export const RUN_STATES: readonly RunState[] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "SKIPPED"];
