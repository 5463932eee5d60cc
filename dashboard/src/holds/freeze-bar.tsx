/** The freeze, at the top of every page while it lasts. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { lazy, Suspense, useState } from "react";

import { useOpen } from "../api/queries";
import { useFormat } from "../i18n/language";
import { useUser } from "../ui/user";
import { useHoldWords } from "./words";

const UnfreezeDialog = lazy(() => import("./dialogs").then(({ UnfreezeDialog }) => ({ default: UnfreezeDialog })));

export function FreezeBar() {
  const say = useHoldWords();
  const format = useFormat();
  const { admin } = useUser();
  const { data } = useOpen();
  const [asking, setAsking] = useState(false);
  const freeze = data?.freeze;
  if (!freeze) return null;
  return (
    <Box margin={{ bottom: "m" }}>
      <Alert
        type="warning"
        header={freeze.until ? say.frozenUntil(format.moment(freeze.until)) : say.frozen}
        action={admin && <Button onClick={() => setAsking(true)}>{say.unfreeze}</Button>}
      >
        {say.by(freeze.by.slice(freeze.by.lastIndexOf("/") + 1), format.moment(freeze.since), freeze.why)}
        {freeze.exempt.length > 0 && <div>{say.exempt(freeze.exempt.join(", "))}</div>}
      </Alert>
      {asking && (
        <Suspense>
          <UnfreezeDialog onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </Box>
  );
}
