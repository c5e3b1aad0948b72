/** What the tables say of an object's way to one reader; times in milliseconds since 1970, null when there is none. */
export interface ReplicationRow {
  /** The reader's registered URL: empty when served here, null when nobody registered the key. */
  readonly url: string | null;
  /** Whether it was ever to be sent to this reader. */
  readonly queued: boolean;
  readonly queuedAt: number | null;
  readonly replicatedAt: number | null;
  readonly attempts: number;
  readonly refusal: string | null;
  readonly nextAttemptAt: number | null;
  readonly deadAt: number | null;
  readonly peerFailure: string | null;
  readonly peerFailingSince: number | null;
  /** The peer answers, and refuses whatever it is sent. */
  readonly peerRefusing: boolean | null;
  readonly peerPausedAt: number | null;
}

/** How far an object is on its way to one reader. */
export type ReplicationStatus =
  /** The reader's key is served by this store. */
  | "local"
  /** It was never to be sent: the reader is the owner, was local then, or this is a replica. */
  | "not_sent"
  | "replicated"
  /** Nobody has registered where the reader's key is served. */
  | "no_destination"
  | "waiting"
  | "peer_unreachable"
  /** The reader's store answers, and takes nothing of ours. */
  | "peer_refusing"
  /** A person has paused what is sent to the reader's store. */
  | "paused"
  /** The peer refused it; it will be tried again. */
  | "refused"
  /** Refused too often; nobody tries any more. */
  | "set_aside";

/** The same, with the reason in words. */
export interface ReplicationState {
  readonly status: ReplicationStatus;
  /** A sentence for a person. */
  readonly reason: string;
  readonly url: string | undefined;
  readonly attempts: number;
  readonly since: number | undefined;
  readonly nextAttemptAt: number | undefined;
}

/** From what the tables hold; `replica` when the object came from another store itself. */
export function replicationState(row: ReplicationRow, replica: boolean): ReplicationState {
  const { status, reason, since } = judge(row, replica);
  return {
    status,
    reason,
    url: row.url || undefined,
    attempts: row.attempts,
    since: since ?? undefined,
    nextAttemptAt: row.nextAttemptAt ?? undefined,
  };
}

function judge(
  row: ReplicationRow,
  replica: boolean,
): { status: ReplicationStatus; reason: string; since: number | null } {
  if (row.replicatedAt !== null) {
    return row.url === ""
      ? { status: "local", reason: "the reader's key is served by this store", since: row.replicatedAt }
      : { status: "replicated", reason: "the reader's store has it", since: row.replicatedAt };
  }
  if (!row.queued) return { ...neverQueued(row, replica), since: null };
  if (row.url === null) {
    const reason = "nobody has registered which store serves the reader's key; it is sent as soon as somebody does";
    return { status: "no_destination", reason, since: row.queuedAt };
  }
  if (row.url === "") {
    return { status: "local", reason: "the reader's key is served by this store", since: row.queuedAt };
  }
  if (row.deadAt !== null) {
    return {
      status: "set_aside",
      reason: `refused ${times(row.attempts)} and set aside: ${row.refusal ?? "no reason given"}`,
      since: row.deadAt,
    };
  }
  if (row.peerPausedAt !== null) {
    return { status: "paused", reason: "what is sent to the reader's store was paused", since: row.peerPausedAt };
  }
  if (row.peerFailure !== null && row.peerRefusing === true) {
    return {
      status: "peer_refusing",
      reason: `the reader's store takes nothing from here: ${row.peerFailure}`,
      since: row.peerFailingSince,
    };
  }
  if (row.peerFailure !== null) {
    return {
      status: "peer_unreachable",
      reason: `the reader's store cannot be reached: ${row.peerFailure}`,
      since: row.peerFailingSince,
    };
  }
  if (row.attempts === 0 && row.refusal !== null) {
    const reason = `the reader's store refused it, and it will be tried again: ${row.refusal}`;
    return { status: "refused", reason, since: row.queuedAt };
  }
  if (row.attempts > 0) {
    const reason = `refused ${times(row.attempts)}, will be tried again: ${row.refusal ?? "no reason given"}`;
    return { status: "refused", reason, since: row.queuedAt };
  }
  return { status: "waiting", reason: "it is in the queue for the reader's store", since: row.queuedAt };
}

function neverQueued(row: ReplicationRow, replica: boolean): { status: ReplicationStatus; reason: string } {
  if (row.url === "") return { status: "local", reason: "the reader's key is served by this store" };
  if (replica) return { status: "not_sent", reason: "this is a replica itself, and replicas are not sent on" };
  const reason =
    "it was not to be sent: the reader owns it, was served here when it was stored, or replication was off";
  return { status: "not_sent", reason };
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
