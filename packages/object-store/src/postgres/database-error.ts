import { isP8eError, P8eError } from "@p8e/core";

const unreachableCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  // SQLSTATE: shutting down, crashed, starting up, too many connections
  "57P01",
  "57P02",
  "57P03",
  "53300",
]);

/** What the driver says, without a code, when a connection is gone. */
const unreachableMessages =
  /^Connection terminated|timeout exceeded when trying to connect|^timeout expired$|not queryable|^Client was closed|Cannot use a pool after/;

/**
 * The one gate for everything that PostgreSQL or its driver throws. Statements and values stay out of the message;
 * SQLSTATE is in the facts.
 */
export function databaseError(thrown: unknown): P8eError {
  if (isP8eError(thrown)) return thrown;
  if (isConnectionLoss(thrown)) {
    return new P8eError("store.unavailable", "the database cannot be reached", { cause: thrown });
  }
  const { code, constraint } = thrown as { code?: unknown; constraint?: unknown };
  return new P8eError("store.database", "the database refused a statement", {
    cause: thrown,
    facts: {
      ...(typeof code === "string" ? { sqlState: code } : {}),
      ...(typeof constraint === "string" ? { constraint } : {}),
    },
  });
}

/** True when nobody can know whether the statement took effect. */
export function isConnectionLoss(thrown: unknown): boolean {
  if (isP8eError(thrown)) return thrown.code === "store.unavailable";
  if (!(thrown instanceof Error)) return false;
  const code = (thrown as { code?: unknown }).code;
  if (typeof code === "string" && (unreachableCodes.has(code) || code.startsWith("08"))) return true;
  return unreachableMessages.test(thrown.message);
}
