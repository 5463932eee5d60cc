/** The API, typed by its OpenAPI document; every failure is an ApiError. */
import createClient, { type Middleware } from "openapi-fetch";

import { session } from "../session/session";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type FieldProblem = Schemas["FieldProblem"];
/** The API's codes, and the browser's own: nothing was reached, or not in time, or something else than the API answered. */
export type ErrorCode = Schemas["Problem"]["code"] | "offline" | "slow" | "unreadable";

/** Milliseconds: what API Gateway gives a request ("Quotas for HTTP API", API Gateway Developer Guide), and the way. */
const LONGEST = 35_000;

/** A request that was not carried out: why, in the words of the API, and which fields of it were wrong. */
export class ApiError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly status = 0,
    readonly fields: FieldProblem[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Whether the same request may succeed a moment later. */
  get passing(): boolean {
    return ["offline", "slow", "throttled", "unavailable", "internal", "unreadable"].includes(this.code);
  }
}

const identify: Middleware = {
  async onRequest({ request }) {
    for (const [name, value] of Object.entries(await session().headers())) request.headers.set(name, value);
    return request;
  },
};

export const client = createClient<paths>({
  baseUrl: "/",
  // A connection that nobody closes would leave the page loading for ever.
  fetch: (request) => fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(LONGEST)]) }),
});
client.use(identify);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the API answered; throws an ApiError when it refused, or was not reached. */
export async function answer<T>(request: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await request;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(codeOfFailure(error), String(error));
  }
  if (got.response.ok && got.data !== undefined) return got.data;
  const { status } = got.response;
  if (isProblem(got.error)) throw new ApiError(got.error.code, got.error.message, status, got.error.fields);
  throw new ApiError(codeOf(status), `HTTP ${status} ${got.response.statusText}`, status);
}

/** A body that is no JSON is a SyntaxError: a proxy or a login page of the network answered in place of the API. */
function codeOfFailure(error: unknown): ErrorCode {
  if (error instanceof SyntaxError) return "unreadable";
  return error instanceof DOMException && error.name === "TimeoutError" ? "slow" : "offline";
}

function isProblem(value: unknown): value is Schemas["Problem"] {
  return typeof value === "object" && value !== null && "code" in value && "message" in value && "fields" in value;
}

/** The code of an answer that is not the API's own, as API Gateway gives for a bad token or too many requests. */
function codeOf(status: number): ErrorCode {
  const codes: Record<number, ErrorCode> = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    429: "throttled",
  };
  return codes[status] ?? (status >= 500 ? "unavailable" : "unreadable");
}
