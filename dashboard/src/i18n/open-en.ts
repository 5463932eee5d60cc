/** Words of what is open and of the log of actions, in English, and what the server tells. */
import { withoutCalls } from "../ui/routes";

export const open = {
  title: "Open",
  needed: "Needs someone",
  hint: "Each stays here until somebody acknowledges it with a comment, or a later run of the flow succeeds.",
  empty: "Nothing is open",
  desktop: "Notify me on the desktop of what is new",
  what: "What",
  since: "Since",
  why: "Why",
  toDo: (todo: string) => `What to do: ${todo}`,
  acknowledge: "Acknowledge",
  acknowledgeOf: (item: string) => `Acknowledge ${item}`,
  acknowledged: (item: string) => `${item} is acknowledged`,
  comment: "Comment",
  commentHint: "What was found or done. It is kept in the log of actions.",
  commentNeeded: (longest: number) => `Say in 1 to ${longest} characters what was found or done`,
  kinds: {
    failed: "Failed",
    timed_out: "Timed out",
    aborted: "Stopped from outside",
    skipped: "Skipped, a run was under way",
    late_start: "Not started in time",
    late_end: "Not finished in time",
    long: "Takes unusually long",
  } as Record<string, string>,
};

export const audit = {
  title: "Log of actions",
  time: "Time",
  by: "Who",
  action: "Action",
  flow: "Flow",
  details: "Details",
  empty: "Nothing was done by hand yet",
  did: {
    start: "Started",
    stop: "Stopped",
    redrive: "Redriven",
    again: "Run again",
    hold: "Held",
    release: "Released",
    skip_next: "Next start skipped",
    unskip: "Skip taken back",
    acknowledge: "Acknowledged",
    approve: "Approved",
    reject: "Rejected",
    remind: "Reminded of an approval",
    escalate: "Approval escalated",
    add_preset: "Button added",
    change_preset: "Button changed",
    remove_preset: "Button removed",
    change_board: "Board of a group changed",
    retire: "Retired",
  } as Record<string, string>,
  told: {
    why: "why",
    until: "until",
    except: "except",
    comment: "comment",
    kind: "what",
    open: "what",
    preset: "button",
    parameters: "parameters",
    question: "question",
    to: "to",
    after: "after",
    group: "group",
    panels: "panels",
  } as Record<string, string>,
};

/** The server tells everything in English. */
export const server = {
  /** On a page nobody asks the API what there is. */
  told: withoutCalls,
  /** A name of a holiday. */
  holiday: (name: string) => name,
};
