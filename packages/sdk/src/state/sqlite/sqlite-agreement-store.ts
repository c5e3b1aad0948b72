import { type AccountAddress, concatBytes, P8eError, parseUuid, type Uuid } from "@p8e/core";
import { type PublicKey, parsePublicKey } from "@p8e/crypto";
import type { MailType } from "@p8e/envelope";
import type { Agreement, SigningParty } from "../../agreement/agreement.ts";
import type { SignedMail } from "../../agreement/agreement-mail.ts";
import { type Approval, type ApprovalState, approvalStates, mayApprovalFollow } from "../../agreement/approval.ts";
import type { Consent } from "../../agreement/consent.ts";
import type { JvmRequest } from "../../agreement/jvm-request.ts";
import type {
  AgreementBegin,
  AgreementChange,
  AgreementCommit,
  AgreementStore,
  ApprovalChange,
  NewMail,
  OutgoingMail,
  Transition,
} from "../agreement-store.ts";
import { type ExecutionState, executionStates, isFinal, requireTransition, type StateOrigin } from "../execution.ts";
import type { SqliteRow, SqliteRows } from "./sqlite-rows.ts";

const LIST_MAX = 1000;
/** An uncompressed point. */
const KEY_LENGTH = 65;

/** What a store of agreements has of the state store that it is part of. */
export interface AgreementStoreParts {
  readonly rows: SqliteRows;
  readonly origin: StateOrigin;
  readonly nowMs: () => number;
  readonly transact: <T>(kind: "DEFERRED" | "IMMEDIATE", work: () => T) => T;
  /** Of the state store, when it owns executions. */
  readonly ownerId: () => Uuid | undefined;
}

/** Agreements, requests and mail in a state file. */
export class SqliteAgreementStore implements AgreementStore {
  readonly #parts: AgreementStoreParts;
  readonly #rows: SqliteRows;

  constructor(parts: AgreementStoreParts) {
    this.#parts = parts;
    this.#rows = parts.rows;
  }

  async commit(commit: AgreementCommit): Promise<boolean> {
    const { received, begin, agreement, request, approval, jvmRequest, jvmRejected, outgoing = [] } = commit;
    const { transact, nowMs } = this.#parts;
    return transact("IMMEDIATE", () => {
      const now = nowMs();
      if (received !== undefined) {
        const sql = "INSERT INTO mail_received (uuid, at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING";
        if (this.#rows.run(sql, received, now) === 0) return false;
      }
      if (begin !== undefined) this.#begin(begin, now);
      if (agreement !== undefined) this.#changeAgreement(agreement, now);
      if (request !== undefined) this.#addApproval(request, now);
      if (approval !== undefined) this.#changeApproval(approval, now);
      if (jvmRequest !== undefined) this.#addJvmRequest(jvmRequest, now);
      if (jvmRejected !== undefined) this.#rejectJvm(jvmRejected);
      for (const mail of outgoing) this.#addMail(mail);
      return true;
    });
  }

  async agreement(uuid: Uuid): Promise<Agreement | undefined> {
    return this.#parts.transact("DEFERRED", () => this.#agreements("agreement.execution = ?", uuid, 1)[0]);
  }

  async openAgreements(limit: number = LIST_MAX): Promise<readonly Agreement[]> {
    return this.#parts.transact("DEFERRED", () => this.#agreements("agreement.told = ?", 0, limit));
  }

  async agreements(all: boolean, limit: number = LIST_MAX): Promise<readonly Agreement[]> {
    const over = executionStates.filter(isFinal).map((state) => `'${state}'`);
    const where = all ? "? = 0" : `? = 0 AND execution.state NOT IN (${over.join(", ")})`;
    return this.#parts.transact("DEFERRED", () => this.#agreements(where, 0, limit));
  }

  async approval(uuid: Uuid): Promise<Approval | undefined> {
    const row = this.#parts.transact("DEFERRED", () => {
      return this.#rows.get("SELECT * FROM approval WHERE execution = ?", uuid);
    });
    return row === undefined ? undefined : toApproval(row);
  }

  async approvals(states: readonly ApprovalState[], limit: number = LIST_MAX): Promise<readonly Approval[]> {
    const marks = states.map(() => "?").join(", ");
    const sql = `SELECT * FROM approval WHERE state IN (${marks}) OR granted = 1 ORDER BY received_at_ms, execution LIMIT ?`;
    return this.#parts.transact("DEFERRED", () => this.#rows.all(sql, ...states, limit).map(toApproval));
  }

  async jvmRequest(uuid: Uuid): Promise<JvmRequest | undefined> {
    const row = this.#parts.transact("DEFERRED", () => {
      return this.#rows.get("SELECT * FROM jvm_request WHERE execution = ?", uuid);
    });
    return row === undefined ? undefined : toJvmRequest(row);
  }

  async jvmRequests(all: boolean, limit: number = LIST_MAX): Promise<readonly JvmRequest[]> {
    const where = all ? "" : "WHERE state = 'received'";
    const sql = `SELECT * FROM jvm_request ${where} ORDER BY received_at_ms, execution LIMIT ?`;
    return this.#parts.transact("DEFERRED", () => this.#rows.all(sql, limit).map(toJvmRequest));
  }

  async consents(uuid: Uuid): Promise<readonly Consent[]> {
    const sql = "SELECT * FROM consent WHERE execution = ? ORDER BY at_ms, public_key LIMIT ?";
    return this.#parts.transact("DEFERRED", () => this.#rows.all(sql, uuid, LIST_MAX).map(toConsent));
  }

  async countSteps(side: Transition["side"], cause: string, sinceMs: number): Promise<number> {
    const sql = "SELECT count(*) AS n FROM transition WHERE at_ms >= ? AND side = ? AND cause = ?";
    return this.#parts.transact("DEFERRED", () => Number(this.#rows.get(sql, sinceMs, side, cause)?.n));
  }

  async wasReceived(mail: Uuid): Promise<boolean> {
    const sql = "SELECT 1 FROM mail_received WHERE uuid = ?";
    return this.#parts.transact("DEFERRED", () => this.#rows.get(sql, mail) !== undefined);
  }

  async outgoing(limit: number = LIST_MAX): Promise<readonly OutgoingMail[]> {
    const sql = "SELECT * FROM mail_outgoing WHERE sent_at_ms IS NULL ORDER BY id LIMIT ?";
    return this.#parts.transact("DEFERRED", () => this.#rows.all(sql, limit).map(toOutgoing));
  }

  async noteSent(ids: readonly number[]): Promise<void> {
    const { transact, nowMs } = this.#parts;
    transact("IMMEDIATE", () => {
      for (const id of ids) this.#rows.run("UPDATE mail_outgoing SET sent_at_ms = ? WHERE id = ?", nowMs(), id);
    });
  }

  async transitions(uuid: Uuid): Promise<readonly Transition[]> {
    const sql = "SELECT * FROM transition WHERE execution = ? ORDER BY id LIMIT ?";
    return this.#parts.transact("DEFERRED", () => this.#rows.all(sql, uuid, LIST_MAX).map(toTransition));
  }

  #begin({ uuid, deadlineMs, request, signers }: AgreementBegin, now: number): void {
    requireTransition(uuid, "created", "requested");
    this.#moveExecution({ uuid, from: "created", to: "requested" }, now);
    this.#rows.run(
      `INSERT INTO agreement (execution, deadline_ms, request, request_signature, request_signer, sendings, told, revision)
       VALUES (?, ?, ?, ?, ?, 1, 0, 1)`,
      ...[uuid, deadlineMs, request.content, request.signature, request.signer.uncompressed],
    );
    this.#setSigners(uuid, signers);
    const actor = this.#parts.origin.party;
    const step = { side: "invoker", from: "created", to: "requested", atMs: now, actor, cause: "asked" } as const;
    this.#rows.addTransition(uuid, step);
  }

  #changeAgreement(change: AgreementChange, now: number): void {
    const { uuid, revision, from, to, signers, actor = this.#parts.origin.party, cause, sendings, told } = change;
    const changed = this.#rows.run(
      `UPDATE agreement SET revision = revision + 1, told = iif(?, 1, told), sendings = coalesce(?, sendings)
       WHERE execution = ? AND revision = ? AND EXISTS (SELECT 1 FROM execution WHERE uuid = execution AND state = ?)`,
      ...[told === true ? 1 : 0, sendings ?? null, uuid, revision, from],
    );
    if (changed !== 1) throw overtaken(uuid);
    if (from !== to) requireTransition(uuid, from, to);
    // Of an end that everybody is told of, or of what is sent again, nothing is to be remembered.
    if (from === to && signers === undefined) return;
    // Whoever works on the execution goes on with it, unless it moves.
    if (from !== to) this.#moveExecution(change, now);
    if (signers !== undefined) this.#setSigners(uuid, signers);
    this.#rows.addTransition(uuid, { side: "invoker", from, to, atMs: now, actor, cause });
  }

  /** Only one that this store owns, or nobody. */
  #moveExecution(
    change: Pick<AgreementChange, "uuid" | "from" | "to"> & Partial<Pick<AgreementChange, "envelope" | "reason">>,
    now: number,
  ): void {
    const { uuid, from, to, envelope, reason } = change;
    const changed = this.#rows.run(
      `UPDATE execution SET state = ?, updated_at_ms = ?, owner = NULL, envelope = coalesce(?, envelope),
         reason = coalesce(?, reason)
       WHERE uuid = ? AND state = ? AND (owner IS NULL OR owner = ?)`,
      ...[to, now, envelope ?? null, reason ?? null, uuid, from, this.#parts.ownerId() ?? null],
    );
    if (changed !== 1) throw overtaken(uuid);
  }

  #setSigners(uuid: Uuid, signers: readonly SigningParty[]): void {
    this.#rows.run("DELETE FROM signer WHERE execution = ?", uuid);
    for (const [position, { address, signingKey, encryptionKey, stand, mail }] of signers.entries()) {
      this.#rows.run(
        `INSERT INTO signer (execution, position, address, signing_key, encryption_key, stand, mail, mail_signature)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[uuid, position, address, signingKey.uncompressed, encryptionKey.uncompressed, stand],
        ...[mail?.content ?? null, mail?.signature ?? null],
      );
    }
  }

  #addApproval(request: NonNullable<AgreementCommit["request"]>, now: number): void {
    const { origin } = this.#parts;
    this.#rows.addOrigin(origin);
    const added = this.#rows.run(
      `INSERT INTO approval (execution, origin, state, invoker, scope_uuid, session_uuid, contract, deadline_ms, request,
                             request_signature, request_signer, granted, received_at_ms, updated_at_ms, revision)
       SELECT ?, id, 'received', ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 1 FROM origin WHERE party = ? AND network = ?
       ON CONFLICT DO NOTHING`,
      ...[request.uuid, request.invoker, request.scopeUuid, request.sessionUuid, request.contract, request.deadlineMs],
      ...[request.request.content, request.request.signature, request.request.signer.uncompressed, now, now],
      ...[origin.party, origin.network],
    );
    if (added !== 1) throw overtaken(request.uuid);
    const step = { side: "approver", from: undefined, to: "received", atMs: now, actor: request.invoker } as const;
    this.#rows.addTransition(request.uuid, { ...step, cause: "asked" });
  }

  #changeApproval(change: ApprovalChange, now: number): void {
    const { uuid, revision, from, to, answer, consent, granted, reason, cause } = change;
    const { actor = this.#parts.origin.party } = change;
    if (from !== to && !mayApprovalFollow(from, to)) {
      throw new P8eError("session.invalid", `a request that is ${from} cannot become ${to}`, {
        facts: { execution: uuid, from, to },
      });
    }
    const changed = this.#rows.run(
      `UPDATE approval SET state = ?, revision = revision + 1, updated_at_ms = ?, answer = coalesce(?, answer),
         reason = coalesce(?, reason), granted = coalesce(?, granted)
       WHERE execution = ? AND state = ? AND revision = ?`,
      ...[
        to,
        now,
        answer ?? null,
        reason ?? null,
        granted === undefined ? null : Number(granted),
        uuid,
        from,
        revision,
      ],
    );
    if (changed !== 1) throw overtaken(uuid);
    if (consent !== undefined) {
      this.#rows.run(
        `INSERT INTO consent (execution, public_key, signature, at_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (execution, public_key) DO UPDATE SET signature = excluded.signature, at_ms = excluded.at_ms`,
        ...[uuid, consent.key.uncompressed, consent.signature, now],
      );
    }
    this.#rows.addTransition(uuid, { side: "approver", from, to, atMs: now, actor, cause });
  }

  #addJvmRequest({ uuid, invoker, request }: NonNullable<AgreementCommit["jvmRequest"]>, now: number): void {
    const added = this.#rows.run(
      `INSERT INTO jvm_request (execution, state, invoker, request, request_signature, request_signer, received_at_ms)
       VALUES (?, 'received', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ...[uuid, invoker, request.content, request.signature, request.signer.uncompressed, now],
    );
    if (added !== 1) throw overtaken(uuid);
    const step = { side: "approver", from: undefined, to: "received", atMs: now, actor: invoker } as const;
    this.#rows.addTransition(uuid, { ...step, cause: "asked by the JVM's SDK" });
  }

  #rejectJvm({ uuid, reason }: NonNullable<AgreementCommit["jvmRejected"]>): void {
    const sql = "UPDATE jvm_request SET state = 'rejected', reason = ? WHERE execution = ? AND state = 'received'";
    if (this.#rows.run(sql, reason, uuid) !== 1) throw overtaken(uuid);
    const step = { side: "approver", from: "received", to: "rejected", cause: "rejected" } as const;
    this.#rows.addTransition(uuid, { ...step, atMs: this.#parts.nowMs(), actor: this.#parts.origin.party });
  }

  #addMail({ execution, type, content, readers }: NewMail): void {
    this.#rows.run(
      "INSERT INTO mail_outgoing (execution, type, content, readers) VALUES (?, ?, ?, ?)",
      ...[execution, type, content, concatBytes(...readers.map((key) => key.uncompressed))],
    );
  }

  #agreements(where: string, value: string | number, limit: number): readonly Agreement[] {
    const sql = `SELECT agreement.*, execution.state, execution.reason FROM agreement
                 JOIN execution ON execution.uuid = agreement.execution
                 WHERE ${where} ORDER BY execution.created_at_ms, execution.uuid LIMIT ?`;
    return this.#rows.all(sql, value, limit).map((row) => {
      const signers = this.#rows.all(
        "SELECT * FROM signer WHERE execution = ? ORDER BY position",
        String(row.execution),
      );
      return toAgreement(row, signers.map(toSigner));
    });
  }
}

function overtaken(uuid: Uuid): P8eError {
  return new P8eError("state.conflict", "the session has changed meanwhile, or another process works on it", {
    facts: { execution: uuid },
    hint: "Look at it again.",
  });
}

function toAgreement(row: SqliteRow, signers: readonly SigningParty[]): Agreement {
  return {
    uuid: parseUuid(String(row.execution)),
    state: oneOf<ExecutionState>(executionStates, row.state),
    deadlineMs: Number(row.deadline_ms),
    request: toRequest(row),
    signers,
    sendings: Number(row.sendings),
    ...(row.reason === null ? {} : { reason: String(row.reason) }),
    told: row.told === 1,
    revision: Number(row.revision),
  };
}

function toSigner(row: SqliteRow): SigningParty {
  const signingKey = parsePublicKey(row.signing_key as Uint8Array);
  const mail =
    row.mail === null
      ? undefined
      : { content: row.mail as Uint8Array, signature: row.mail_signature as Uint8Array, signer: signingKey };
  return {
    address: String(row.address) as AccountAddress,
    signingKey,
    encryptionKey: parsePublicKey(row.encryption_key as Uint8Array),
    stand: oneOf(["asked", "signed", "refused"] as const, row.stand),
    ...(mail === undefined ? {} : { mail }),
  };
}

function toApproval(row: SqliteRow): Approval {
  return {
    uuid: parseUuid(String(row.execution)),
    state: oneOf(approvalStates, row.state),
    invoker: String(row.invoker) as AccountAddress,
    scopeUuid: parseUuid(String(row.scope_uuid)),
    sessionUuid: parseUuid(String(row.session_uuid)),
    contract: String(row.contract),
    deadlineMs: Number(row.deadline_ms),
    request: toRequest(row),
    ...(row.answer === null ? {} : { answer: row.answer as Uint8Array }),
    ...(row.reason === null ? {} : { reason: String(row.reason) }),
    granted: row.granted === 1,
    receivedAtMs: Number(row.received_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
    revision: Number(row.revision),
  };
}

function toJvmRequest(row: SqliteRow): JvmRequest {
  return {
    uuid: parseUuid(String(row.execution)),
    state: oneOf(["received", "rejected"] as const, row.state),
    invoker: String(row.invoker) as AccountAddress,
    request: toRequest(row),
    ...(row.reason === null ? {} : { reason: String(row.reason) }),
    receivedAtMs: Number(row.received_at_ms),
  };
}

function toConsent(row: SqliteRow): Consent {
  return {
    key: parsePublicKey(row.public_key as Uint8Array),
    signature: row.signature as Uint8Array,
    atMs: Number(row.at_ms),
  };
}

function toRequest(row: SqliteRow): SignedMail {
  return {
    content: row.request as Uint8Array,
    signature: row.request_signature as Uint8Array,
    signer: parsePublicKey(row.request_signer as Uint8Array),
  };
}

function toOutgoing(row: SqliteRow): OutgoingMail {
  const keys = row.readers as Uint8Array;
  const readers: PublicKey[] = [];
  for (let at = 0; at < keys.length; at += KEY_LENGTH) readers.push(parsePublicKey(keys.slice(at, at + KEY_LENGTH)));
  return {
    id: Number(row.id),
    execution: parseUuid(String(row.execution)),
    type: String(row.type) as MailType,
    content: row.content as Uint8Array,
    readers,
  };
}

function toTransition(row: SqliteRow): Transition {
  return {
    side: oneOf(["invoker", "approver"] as const, row.side),
    from: row.from_state === null ? undefined : String(row.from_state),
    to: String(row.to_state),
    atMs: Number(row.at_ms),
    actor: String(row.actor) as AccountAddress,
    cause: String(row.cause),
  };
}

function oneOf<T extends string>(known: readonly T[], found: unknown): T {
  const value = known.find((each) => each === found);
  if (value !== undefined) return value;
  throw new P8eError("state.corrupt", "the state file holds a session in a state that does not exist", {
    facts: { found: String(found).slice(0, 64) },
  });
}
