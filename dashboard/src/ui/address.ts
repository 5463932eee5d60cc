/** The address of a page: a path, and behind it what is chosen on the page, all in the fragment of the URL. */
import { useLocation } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";

/** Wouter's location in the fragment, without what is chosen on the page: that is no part of a route. */
export function useHashPath(): ReturnType<typeof useHashLocation> {
  const [location, go] = useHashLocation();
  return [location.split("?")[0] ?? "/", go];
}

/** What is chosen on this page, and how to choose something else; empty choices are left out of the address. */
export function useChosen(): [URLSearchParams, (changes: Record<string, string>) => void] {
  const [path] = useLocation();
  const [location] = useHashLocation();
  const chosen = new URLSearchParams(location.split("?")[1] ?? "");
  return [
    chosen,
    (changes) => {
      const next = new URLSearchParams(chosen);
      for (const [name, value] of Object.entries(changes)) {
        if (value === "") next.delete(name);
        else next.set(name, value);
      }
      const query = next.toString();
      const old = window.location.href;
      // Wouter's own navigate would put the question mark before the fragment, where it stays on other pages.
      history.replaceState(null, "", `#${path}${query && `?${query}`}`);
      dispatchEvent(new HashChangeEvent("hashchange", { oldURL: old, newURL: window.location.href }));
    },
  ];
}
