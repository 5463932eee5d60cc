/** A question that a flow asks people, with what it would do next, and the answer. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";

import { ApiError } from "../api/client";
import { useDecide } from "../api/queries";
import type { Approval } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { FlowLink, RunLink } from "../ui/links";
import { useNotices } from "../ui/notices";
import { Pairs } from "../ui/pairs";
import { ProblemAlert } from "../ui/problem";
import { useUser } from "../ui/user";
import { NextSteps } from "./next-steps";
import { useApprovalWords } from "./words";

const LONGEST = 500;

/** inside: on the page of its run, which is not linked to then. */
export function Question({ question, inside = false }: { question: Approval; inside?: boolean }) {
  const words = useWords();
  const say = useApprovalWords();
  const format = useFormat();
  const { admin } = useUser();
  const asks = question.approvers.join(say.or) || say.operators;
  const approved = question.decisions.filter((decision) => decision.approved).length;
  const reminders = question.reminders.length;
  const last = question.reminders.at(-1);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={question.at_least > 1 ? say.approved(approved, question.at_least) : undefined}
        >
          <span style={{ whiteSpace: "pre-line" }} data-question={question.id}>
            {question.message}
          </span>
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Pairs
          minColumnWidth={170}
          items={[
            ...(inside
              ? []
              : [
                  { label: words.runs.flow, value: <FlowLink flow={question.flow} /> },
                  {
                    label: say.run,
                    value: (
                      <RunLink flow={question.flow} name={question.run}>
                        {format.moment(question.asked)}
                      </RunLink>
                    ),
                  },
                ]),
            { label: say.asks, value: asks },
            { label: say.until, value: format.moment(question.until) },
            ...(question.to.length > 0 ? [{ label: say.mailed, value: words.and(question.to) }] : []),
            ...(last ? [{ label: say.remindedLabel, value: say.reminded(format.moment(last.time), reminders) }] : []),
            ...(question.escalate_at
              ? [
                  {
                    label: say.escalates,
                    value: say.escalatesTo(words.and(question.escalate_to), format.moment(question.escalate_at)),
                  },
                ]
              : []),
            ...(question.starter ? [{ label: say.starter, value: question.starter }] : []),
          ]}
        />
        {question.decisions.map(({ by, approved: yes, comment }) => (
          <Box key={by}>{[say.said(by, yes), comment].filter(Boolean).join(": ")}</Box>
        ))}
        <NextSteps question={question} asks={admin || !question.refusal || question.refusal === "starter"} />
        {question.refusal ? (
          <Alert type="info">
            {question.refusal === "group" ? say.refusal.group(asks) : say.refusal[question.refusal]}
          </Alert>
        ) : (
          <Answer question={question} />
        )}
      </SpaceBetween>
    </Container>
  );
}

/** Whether nobody waits for the answer any more. */
const isOver = (error: unknown): error is ApiError => error instanceof ApiError && error.code === "conflict";

function Answer({ question }: { question: Approval }) {
  const say = useApprovalWords();
  const notices = useNotices();
  const { name } = useUser();
  const decide = useDecide();
  const [comment, setComment] = useState("");
  const [given, setGiven] = useState<boolean | null>(null);
  const answer = (approved: boolean) => {
    setGiven(approved);
    // Not by callbacks of mutate(): the question may be gone from the page before its answer has come back.
    decide.mutateAsync({ question, approved, comment: comment.trim() }).then(
      ({ outcome }) => notices.say(`${say.done[outcome]}: ${question.message}`),
      // Who answers too late is told so, also when the question has gone from the page by then.
      (error: unknown) => {
        if (isOver(error)) notices.fail(`${approved ? say.approve : say.reject}: ${question.message}`, error);
      },
    );
  };
  const said = question.decisions.some(({ by, approved }) => by === name && approved);
  const busy = (approved: boolean) => decide.isPending && given === approved;
  return (
    <SpaceBetween size="s">
      {decide.error && !isOver(decide.error) && <ProblemAlert error={decide.error} />}
      {said && <Alert type="info">{say.approvedIt}</Alert>}
      <FormField label={say.comment} description={say.commentHint} stretch>
        <Textarea
          rows={2}
          value={comment}
          onChange={({ detail }) => setComment(detail.value.slice(0, LONGEST))}
          disabled={decide.isPending}
        />
      </FormField>
      <SpaceBetween direction="horizontal" size="xs">
        {!said && (
          <Button variant="primary" loading={busy(true)} disabled={decide.isPending} onClick={() => answer(true)}>
            {say.approve}
          </Button>
        )}
        <Button loading={busy(false)} disabled={decide.isPending} onClick={() => answer(false)}>
          {say.reject}
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}
