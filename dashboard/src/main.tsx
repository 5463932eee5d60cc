/** Opens the session, then shows the dashboard. */
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";

import { open } from "./session/session";
import { applyTheme } from "./session/theme";

const Home = lazy(() => import("./pages/home"));
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
applyTheme();
await open();
createRoot(root).render(
  <StrictMode>
    <Suspense>
      <Home />
    </Suspense>
  </StrictMode>,
);
