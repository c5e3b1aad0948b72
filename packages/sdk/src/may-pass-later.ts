import { hasCode, type P8eError } from "@p8e/core";

/**
 * Whether what failed may succeed later, with nothing changed by this party: another attempt is worth its while, and the
 * failure says nothing of what was attempted. Beside what the codes' table says so, a node or store that fails or breaks
 * off in the middle of a call may be well again, and an object may still be on its way from another store.
 */
export function mayPassLater(error: P8eError): boolean {
  return (
    error.status.retry ||
    hasCode(error, "rpc.failed", "rpc.protocol", "object.not_found", "store.storage", "store.database")
  );
}
