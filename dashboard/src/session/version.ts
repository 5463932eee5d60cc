/** After a deployment an open tab asks for files that are there no longer: the page is loaded anew, and says why. */
const KEPT = "nightshift.replaced";
/** Milliseconds in which a page is not loaded anew a second time: what is missing then is missing for another reason. */
const ONCE_IN = 60_000;

let replaced = false;

/** Load the page anew when a part of it cannot be loaded because there is a newer version on the server. */
export function followVersions(): void {
  const kept = Number(sessionStorage.getItem(KEPT) ?? Number.NaN);
  replaced = Date.now() - kept < ONCE_IN;
  addEventListener("vite:preloadError", () => {
    if (!replaced) void reloadIfReplaced();
  });
}

/** Whether the page was just loaded anew for a newer version. */
export const wasReplaced = (): boolean => replaced;

async function reloadIfReplaced(): Promise<void> {
  const script = document.querySelector<HTMLScriptElement>("script[type=module]")?.getAttribute("src");
  const served = await fetch("/", { cache: "no-store" }).then(
    (answer) => (answer.ok ? answer.text() : undefined),
    () => undefined,
  );
  // Without a network there is no newer version, and a page that were loaded now would not come back.
  if (!script || served === undefined || served.includes(script)) return;
  sessionStorage.setItem(KEPT, String(Date.now()));
  location.reload();
}
