/** An error of the API in words. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";

import { ApiError } from "../api/client";
import { useWords } from "../i18n/language";
import type { Words } from "../i18n/en";
import { session } from "../session/session";

/** The kind of error in the user's language, then the API's own words for it. */
export function describe(error: Error, words: Words): { title: string; detail: string } {
  if (!(error instanceof ApiError)) return { title: words.problems.crash, detail: error.message };
  const detail = ["offline", "slow"].includes(error.code) ? words.problems.offlineHint : words.told(error.message);
  return { title: words.problems.title[error.code], detail };
}

interface Props {
  error: Error;
  onRetry?: () => void;
}

export function ProblemAlert({ error, onRetry }: Props) {
  const words = useWords();
  const { title, detail } = describe(error, words);
  const signedOut = error instanceof ApiError && error.code === "unauthorized";
  const action = signedOut ? (
    <Button onClick={() => void session().signIn()}>{words.problems.signIn}</Button>
  ) : (
    onRetry && <Button onClick={onRetry}>{words.retry}</Button>
  );
  return (
    <Alert type="error" header={title} action={action}>
      {detail}
      {error instanceof ApiError && error.fields.length > 0 && (
        <ul>
          {error.fields.map(({ field, problem }) => (
            <li key={field}>
              {field.replace(/^body\./, "")}: {words.told(problem)}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
}
