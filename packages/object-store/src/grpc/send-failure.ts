import { type GrpcStatus, isP8eError } from "@p8e/core";
import type { SendFailure } from "../domain/replication-outcome.ts";

const peerStatuses: ReadonlySet<GrpcStatus> = new Set<GrpcStatus>([
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "CANCELLED",
  // Whoever listens there is no object store, or wants a credential that we do not have: true for every object.
  "UNIMPLEMENTED",
  "UNAUTHENTICATED",
]);

/** Answers that the same bytes will get again. */
const permanentStatuses: ReadonlySet<GrpcStatus> = new Set<GrpcStatus>(["INVALID_ARGUMENT", "PERMISSION_DENIED"]);

/** What it means for a send that this was thrown: by the peer, on the way to it, or while the object was read. */
export function classifyFailure(thrown: unknown): SendFailure {
  if (!isP8eError(thrown)) return { kind: "local", reason: thrown instanceof Error ? thrown.message : String(thrown) };
  const answered = thrown.facts.grpcStatus as GrpcStatus | undefined;
  const reason = thrown.message;
  if (answered !== undefined) {
    if (peerStatuses.has(answered)) return { kind: "peer", reason: `${answered}: ${reason}` };
    return { kind: "refusal", reason: `${answered}: ${reason}`, permanent: permanentStatuses.has(answered) };
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
