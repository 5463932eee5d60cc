/** How to sign in, where the company has an identity provider: with that, or as a local user. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { createRoot } from "react-dom/client";

import { load, preferred } from "../i18n/language";

/** Ask in front of the page, which is there again afterwards; the name that Cognito has for what was chosen. */
export async function choose(provider: string): Promise<string> {
  const { words } = await load(preferred());
  const covered = [...document.body.children].filter((child) => child instanceof HTMLElement && !child.hidden);
  const place = document.createElement("main");
  const root = createRoot(place);
  const cover = (hidden: boolean) => covered.forEach((child) => child.toggleAttribute("hidden", hidden));
  cover(true);
  document.body.append(place);
  const chosen = await new Promise<string>((resolve) => {
    root.render(
      <Box padding="xxxl" textAlign="center">
        <SpaceBetween size="l">
          <Box variant="h1">nightshift</Box>
          <Button variant="primary" onClick={() => resolve(provider)}>
            {words.problems.signInWith(provider)}
          </Button>
          <Button variant="link" onClick={() => resolve("COGNITO")}>
            {words.problems.signInLocal}
          </Button>
        </SpaceBetween>
      </Box>,
    );
  });
  // Where the browser cannot go to the sign-in page, whatever was on this one is not lost.
  root.unmount();
  place.remove();
  cover(false);
  return chosen;
}
