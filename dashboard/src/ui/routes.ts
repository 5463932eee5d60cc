/** What the API tells its callers, and the page's readers cannot use. */

/** A message without the call that it names: "there is no such run; GET /api/runs lists them". */
export const withoutCalls = (message: string): string => message.replace(/; [A-Z]+ \/api\/.*$/, "");
