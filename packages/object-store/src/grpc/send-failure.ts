import { type GrpcStatus, isP8eError, type P8eError } from "@p8e/core";
import type { SendFailure } from "../domain/replication-outcome.ts";

const peerStatuses: ReadonlySet<GrpcStatus> = new Set<GrpcStatus>(["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"]);

/** Whoever listens there is no object store, or wants a credential that we do not have: likely true for every object. */
const refusingStatuses: ReadonlySet<GrpcStatus> = new Set<GrpcStatus>([
  "UNIMPLEMENTED",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "FAILED_PRECONDITION",
]);

/** What it means for a send that this was thrown: by the peer, on the way to it, or while the object was read. */
export function classifyFailure(thrown: unknown): SendFailure {
  if (!isP8eError(thrown)) return { kind: "local", reason: thrown instanceof Error ? thrown.message : String(thrown) };
  const answered = thrown.facts.grpcStatus as GrpcStatus | undefined;
  const reason = thrown.message;
  if (answered !== undefined) {
    const words = `${answered}: ${reason}`;
    if (peerStatuses.has(answered)) return { kind: "peer", reason: words };
    const exhausted = answered === "RESOURCE_EXHAUSTED";
    if (refusingStatuses.has(answered) || (exhausted && !tellsSize(thrown))) return { kind: "refusing", reason: words };
    // The same bytes will get the same answer.
    return { kind: "refusal", reason: words, permanent: exhausted || answered === "INVALID_ARGUMENT" };
  }
  // A call that ended without an answer says something of the peer and the way to it, nothing of what was sent.
  if (thrown.code.startsWith("rpc.")) return { kind: "peer", reason };
  switch (thrown.code) {
    case "object.corrupt":
    case "object.not_found":
    case "store.storage":
      return { kind: "refusal", reason: `cannot be read here: ${reason}`, permanent: false };
    default:
      return { kind: "local", reason };
  }
}

/**
 * Whether a peer that has had enough says of how many bytes: then it is this object that it will not take, else it has no
 * room for any just now. Ours says so by its code, other servers in words (`larger than max (5000000 vs. 4194304)`).
 */
function tellsSize({ code, message }: P8eError): boolean {
  if (code === "object.too_large") return true;
  return /\b(larger|too large|too long|exceed\w*|limit|max\w*)\b/i.test(message) && /\d{4}/.test(message);
}
