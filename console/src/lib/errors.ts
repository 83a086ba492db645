// What the API says when it refuses, in one shape: it has three (the envelope, a plain sentence, too many requests).

export class ApiError extends Error {
  readonly status: number; // 0: no answer came
  readonly reason: string | undefined; // "fresh": sign in again first
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined; // seconds

  constructor(message: string, about: { status: number; reason?: string; requestId?: string; retryAfter?: number }) {
    super(message);
    this.name = "ApiError";
    this.status = about.status;
    this.reason = about.reason;
    this.requestId = about.requestId;
    this.retryAfter = about.retryAfter;
  }
}

export function readError(response: Response, body: unknown): ApiError {
  const { error } = (body ?? {}) as { error?: unknown };
  const { message, reason } = (typeof error === "object" && error ? error : {}) as { message?: unknown; reason?: unknown };
  const text = typeof error === "string" ? error : typeof message === "string" ? message : undefined;
  return new ApiError(text ?? `The gateway answered ${response.status}.`, {
    status: response.status,
    reason: typeof reason === "string" ? reason : undefined,
    requestId: response.headers.get("x-request-id") ?? undefined,
    retryAfter: Number(response.headers.get("retry-after")) || undefined,
  });
}

export const isAborted = (error: unknown) => error instanceof DOMException && error.name === "AbortError";

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("The gateway does not answer.", { status: 0 });
}

// A refused field: "steps[1].url: must begin with /" is about the input `steps[1].url`.
export function fieldOf(message: string): { field: string; text: string } | undefined {
  const [, field, text] = /^([A-Za-z][\w.[\]]*): (.+)$/s.exec(message) ?? [];
  return field && text ? { field, text } : undefined;
}
