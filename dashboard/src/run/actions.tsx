/** Run again, redrive from the failed step, and stop, each after a question. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useLocation } from "wouter";

import { useAgain, useFlow, useRedrive, useStop } from "../api/queries";
import type { RunDetail } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { Touches } from "../start/dialog";
import { Confirm } from "../ui/confirm";
import { Loaded } from "../ui/loaded";
import { useNotices } from "../ui/notices";
import { runPath } from "../ui/paths";

type Asking = "again" | "redrive" | "stop";

interface DialogProps {
  run: RunDetail;
  onClose: () => void;
}

export function RunActions({ run }: { run: RunDetail }) {
  const words = useWords();
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <SpaceBetween direction="horizontal" size="xs">
        {run.stoppable && <Button onClick={() => setAsking("stop")}>{words.run.stop}</Button>}
        {run.redrivable_until && <Button onClick={() => setAsking("redrive")}>{words.run.redrive}</Button>}
        {!run.stoppable && (
          <Button variant="primary" onClick={() => setAsking("again")}>
            {words.run.again}
          </Button>
        )}
      </SpaceBetween>
      {asking === "again" && <AgainDialog run={run} onClose={close} />}
      {asking === "redrive" && <RedriveDialog run={run} onClose={close} />}
      {asking === "stop" && <StopDialog run={run} onClose={close} />}
    </>
  );
}

function AgainDialog({ run, onClose }: DialogProps) {
  const words = useWords();
  const say = words.run;
  const notices = useNotices();
  const flow = useFlow(run.flow);
  const again = useAgain();
  const [, navigate] = useLocation();
  const [key] = useState(() => crypto.randomUUID());
  const confirm = () =>
    again.mutate(
      { flow: run.flow, name: run.name, key },
      {
        onSuccess: ({ name }) => {
          notices.say(words.start.started(run.flow));
          onClose();
          navigate(runPath(run.flow, name));
        },
      },
    );
  return (
    <Confirm
      title={say.againTitle(run.flow)}
      action={say.again}
      pending={again.isPending}
      error={again.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <div>{say.againHint}</div>
      <Loaded query={flow}>{(data) => <Touches flow={data} parameters={run.parameters} />}</Loaded>
    </Confirm>
  );
}

function RedriveDialog({ run, onClose }: DialogProps) {
  const words = useWords();
  const format = useFormat();
  const say = words.run;
  const notices = useNotices();
  const redrive = useRedrive();
  const failed = run.steps.filter(({ state }) => state === "failed").map(({ label }) => label);
  const confirm = () =>
    redrive.mutate(
      { flow: run.flow, name: run.name },
      {
        onSuccess: () => {
          notices.say(say.redriven);
          onClose();
        },
      },
    );
  return (
    <Confirm
      title={say.redriveTitle}
      action={say.redrive}
      pending={redrive.isPending}
      error={redrive.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <div>{say.redriveHint}</div>
      {failed.length > 0 && <Box variant="code">{words.and(failed)}</Box>}
      {run.redrivable_until && <Box variant="small">{say.redriveUntil(format.moment(run.redrivable_until))}</Box>}
    </Confirm>
  );
}

function StopDialog({ run, onClose }: DialogProps) {
  const words = useWords();
  const say = words.run;
  const notices = useNotices();
  const stop = useStop();
  const [why, setWhy] = useState("");
  const confirm = () =>
    stop.mutate(
      { flow: run.flow, name: run.name, why: why.trim() },
      {
        onSuccess: () => {
          notices.say(say.stopped);
          onClose();
        },
      },
    );
  return (
    <Confirm
      title={say.stopTitle}
      action={say.stop}
      pending={stop.isPending}
      error={stop.error}
      filled={why !== ""}
      onConfirm={confirm}
      onClose={onClose}
    >
      <div>{say.stopHint}</div>
      <FormField label={words.act.holdWhy}>
        <Input value={why} onChange={({ detail }) => setWhy(detail.value)} />
      </FormField>
    </Confirm>
  );
}
