/** The button that holds all flows; gone while they are held. */
import Button from "@cloudscape-design/components/button";
import { lazy, Suspense, useState } from "react";

import { useOpen } from "../api/queries";
import { useHoldWords } from "./words";

const FreezeDialog = lazy(() => import("./dialogs").then(({ FreezeDialog }) => ({ default: FreezeDialog })));

export function FreezeButton() {
  const say = useHoldWords();
  const { data } = useOpen();
  const [asking, setAsking] = useState(false);
  if (data?.freeze) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{say.freeze}</Button>
      {asking && (
        <Suspense>
          <FreezeDialog onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );
}
