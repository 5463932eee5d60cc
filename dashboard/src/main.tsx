/** Opens the session and loads the language, then shows the dashboard. */
import "@cloudscape-design/global-styles/index.css";
import "./style.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";

import { newQueryClient } from "./api/queries";
import { App } from "./app";
import { LanguageProvider, load, preferred } from "./i18n/language";
import { unreachable } from "./session/reach";
import { open } from "./session/session";
import { applyTheme } from "./session/theme";
import { followVersions } from "./session/version";
import { useHashPath } from "./ui/address";

applyTheme();
followVersions();
const element = document.getElementById("root");
if (!element) throw new Error("index.html has no #root");
try {
  const waiting = () => {
    element.textContent = unreachable(preferred());
  };
  const [first] = await Promise.all([load(preferred()), open(waiting)]);
  createRoot(element).render(
    <StrictMode>
      <QueryClientProvider client={newQueryClient()}>
        <LanguageProvider first={first}>
          <Router hook={useHashPath}>
            <App />
          </Router>
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
} catch (error) {
  // Nothing can be shown properly before there is a session, not even the language is sure.
  element.textContent = `nightshift: ${error instanceof Error ? error.message : String(error)}`;
}
