/** Starting a flow: its parameters, a dry run if wanted, and what it will touch, before anything is changed. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useLocation } from "wouter";

import { useStart } from "../api/queries";
import type { Flow, Preset } from "../api/types";
import { useWords } from "../i18n/language";
import { focusFirstWrong, useLeaving } from "../ui/leaving";
import { useNotices } from "../ui/notices";
import { href, runPath } from "../ui/paths";
import { ProblemAlert } from "../ui/problem";
import { useInLanguage, useTitleOf } from "../ui/user";
import { DryRun } from "./dry-run";
import { ParameterFields } from "./fields";
import { filledWith, initial, inline, read, type Fields } from "./form";

interface Props {
  flow: Flow;
  /** The button that was pressed: with a form it opens filled in, without one nothing else can be started. */
  preset?: Preset;
  onClose: () => void;
}

type Stage = { at: "form" } | { at: "dry-run"; name: string } | { at: "confirm" };

export default function StartDialog({ flow, preset, onClose }: Props) {
  const words = useWords();
  const say = words.start;
  const notices = useNotices();
  const [, navigate] = useLocation();
  const start = useStart();
  const inLanguage = useInLanguage();
  const title = useTitleOf()(flow.name);
  const called = preset ? inLanguage(preset.title, preset.title_ja ?? preset.title) : (title ?? flow.name);
  const summary = inLanguage(flow.doc, flow.doc_ja)?.split("\n")[0];
  const asks = preset?.form ?? true;
  const [stage, setStage] = useState<Stage>({ at: "form" });
  const [opened] = useState<Fields>(() =>
    preset ? filledWith(flow.parameters, preset.parameters) : initial(flow.parameters),
  );
  const [fields, setFields] = useState(opened);
  const [shown, setShown] = useState(false);
  const [dryFirst, setDryFirst] = useState(false);
  const [dryEnded, setDryEnded] = useState(false);
  // One key for the one run that this dialog starts, however often the button is pressed or the request is sent.
  const [key] = useState(() => crypto.randomUUID());
  const { parameters, problems } = asks
    ? read(flow.parameters, fields, say)
    : { parameters: preset?.parameters ?? {}, problems: {} };
  const { onDismiss, question } = useLeaving(fields !== opened, onClose);
  const wrong = Object.keys(problems).length > 0;

  const goOn = () => {
    setShown(true);
    if (wrong) {
      focusFirstWrong();
      return;
    }
    if (!dryFirst) {
      if (asks) setStage({ at: "confirm" });
      else startNow();
      return;
    }
    start.mutate(
      { flow: flow.name, preset, parameters, dryRun: true, key: crypto.randomUUID() },
      {
        onSuccess: ({ name }) => {
          setDryEnded(false);
          setStage({ at: "dry-run", name });
        },
      },
    );
  };
  const startNow = () =>
    start.mutate(
      { flow: flow.name, preset, parameters, dryRun: false, key },
      {
        onSuccess: ({ name, repeated }) => {
          const link = { text: say.watch, href: href(runPath(flow.name, name)) };
          notices.say(repeated ? say.repeated(called) : say.started(called), link);
          onClose();
          navigate(runPath(flow.name, name));
        },
      },
    );

  const ready = stage.at === "confirm" || (stage.at === "dry-run" && dryEnded);
  return (
    <Modal
      visible
      size={stage.at === "dry-run" ? "large" : "medium"}
      header={say.title(called)}
      closeAriaLabel={words.close}
      onDismiss={onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {stage.at !== "form" && <Button onClick={() => setStage({ at: "form" })}>{words.back}</Button>}
            <Button variant="link" onClick={onClose}>
              {words.cancel}
            </Button>
            {stage.at === "form" ? (
              <Button variant="primary" loading={start.isPending} onClick={goOn}>
                {dryFirst ? say.dryRun : asks ? say.review : say.now}
              </Button>
            ) : (
              <Button variant="primary" loading={start.isPending} disabled={!ready} onClick={startNow}>
                {say.now}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="l">
        {question}
        {start.error && <ProblemAlert error={start.error} />}
        {stage.at === "form" && (
          <SpaceBetween size="l">
            <Box>{summary}</Box>
            {(title ?? preset) && (
              <Box variant="small" color="text-body-secondary">
                {flow.name}
              </Box>
            )}
            {!asks ? (
              <Touches flow={flow} parameters={parameters} />
            ) : flow.parameters.length === 0 ? (
              <Box color="text-body-secondary">{say.noParameters}</Box>
            ) : (
              <ParameterFields
                parameters={flow.parameters}
                fields={fields}
                problems={shown ? problems : {}}
                onChange={(name, value) => setFields((before) => ({ ...before, [name]: value }))}
              />
            )}
            <Checkbox
              checked={dryFirst}
              description={say.dryRunHint}
              onChange={({ detail }) => setDryFirst(detail.checked)}
            >
              {say.dryRunFirst}
            </Checkbox>
          </SpaceBetween>
        )}
        {stage.at === "dry-run" && <DryRun flow={flow.name} name={stage.name} onEnd={() => setDryEnded(true)} />}
        {stage.at === "confirm" && <Touches flow={flow} parameters={parameters} />}
      </SpaceBetween>
    </Modal>
  );
}

/** What a run will do: the parts that change something, and with which parameters. */
export function Touches({ flow, parameters }: { flow: Flow; parameters: Record<string, unknown> }) {
  const words = useWords();
  const say = words.start;
  const inLanguage = useInLanguage();
  const changing = flow.parts.filter(({ changes }) => changes);
  const given = Object.entries(parameters);
  return (
    <SpaceBetween size="m">
      {changing.length === 0 ? (
        <Alert type="info">{say.harmless}</Alert>
      ) : (
        <Alert type="warning" header={say.confirmTitle}>
          {say.touches}
          <ul>
            {changing.map(({ name, doc, doc_ja }) => (
              <li key={name}>
                {inLanguage(doc, doc_ja)} <Box variant="code">{name}</Box>
              </li>
            ))}
          </ul>
        </Alert>
      )}
      <div>
        <Box variant="awsui-key-label">{say.with}</Box>
        {given.length === 0 ? (
          <Box>{say.defaults}</Box>
        ) : (
          <ul>
            {given.map(([name, value]) => (
              <li key={name}>
                {name} = <Box variant="code">{inline(value)}</Box>
              </li>
            ))}
          </ul>
        )}
      </div>
    </SpaceBetween>
  );
}
