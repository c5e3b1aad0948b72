import { fromBinary } from "@bufbuild/protobuf";
import type { LedgerMessage } from "@p8e/chain";
import {
  type AccountAddress,
  type CallOptions,
  hasCode,
  hashContent,
  P8eError,
  parseContentHash,
  parseUuid,
  retry,
  scopeAddress,
} from "@p8e/core";
import { accountAddress, publicKeyFromMessage } from "@p8e/crypto";
import * as scope from "@p8e/proto/scope";
import type { Agreement } from "../agreement/agreement.ts";
import { agreementEvidence } from "../agreement/agreement-evidence.ts";
import { DATA_ACCESS_MESSAGE, neededSignatures, SESSION_MESSAGE } from "../agreement/needed-signatures.ts";
import type { Execution } from "../state/execution.ts";
import { fetchContract } from "./find-contract.ts";
import { memorializeMessages } from "./memorialize-messages.ts";
import type { Outbox } from "./outbox-parts.ts";
import { readScope } from "./scope-snapshot.ts";
import { requireUnchanged, scopeChanged } from "./scope-unchanged.ts";
import { putForAll } from "./share-objects.ts";

/** A node may lag behind the one that a grant was written through. */
const GRANTS_MS = 10_000;

/**
 * The messages that write a signed execution, made again from what is remembered. Where others have signed, everything
 * they rely on is looked at once more, and the evidence is stored.
 *
 * @throws `state.conflict` when the scope is not what they signed for any more, `session.expired`, `session.grant_missing`;
 *   what ledger and store throw
 */
export async function executionMessages(
  outbox: Outbox,
  execution: Execution,
  options: Pick<CallOptions, "signal">,
): Promise<readonly LedgerMessage[]> {
  const envelope = fromBinary(scope.EnvelopeSchema, execution.envelope);
  const agreement = await outbox.state.agreements.agreement(execution.uuid);
  const specificationHash = parseContentHash(envelope.contract?.spec?.dataLocation?.ref?.hash ?? "");
  const search = { ...outbox, key: outbox.party.encryption };
  const { specification } = await fetchContract(search, specificationHash, { signal: options.signal });
  let evidence = execution.envelope;
  if (agreement !== undefined) {
    await requireWritable(outbox, agreement, envelope, options);
    evidence = agreementEvidence(agreement, execution.envelope);
    await putForAll(outbox, evidence, readersOf(agreement, envelope), options);
  }
  return memorializeMessages(envelope, specification.message, {
    prefix: outbox.network.accountPrefix,
    evidence: hashContent(evidence),
    agreed: agreement !== undefined,
  });
}

async function requireWritable(
  outbox: Outbox,
  { uuid, deadlineMs, signers }: Agreement,
  envelope: scope.Envelope,
  options: Pick<CallOptions, "signal">,
): Promise<void> {
  const { chain, nowMs, network, party } = outbox;
  if (nowMs() >= deadlineMs) {
    throw new P8eError("session.expired", "the deadline of the session passed before it was written", {
      facts: { execution: uuid },
    });
  }
  const address = scopeAddress(parseUuid(envelope.ref?.scopeUuid?.value ?? ""));
  if (!envelope.newScope) requireUnchanged(envelope, (await readScope(chain, address, options)).response);
  else if ((await chain.metadata.scope(address, options)) !== undefined) {
    throw scopeChanged(address);
  }
  const grantee = accountAddress(party.signing.publicKey, network.accountPrefix);
  const needed = neededSignatures(envelope, network.accountPrefix);
  for (const { address: granter } of signers) {
    const of = needed.find((each) => each.address === granter)!;
    await retry(() => requireGrant(outbox, { ...of, granter, grantee }, options), {
      ...{ forMs: GRANTS_MS, firstMs: 100, mostMs: 1000, signal: options.signal },
      when: (error) => hasCode(error, "session.grant_missing"),
    });
  }
}

async function requireGrant(
  { chain }: Outbox,
  of: {
    readonly granter: AccountAddress;
    readonly grantee: AccountAddress;
    readonly sessionMessages: number;
    readonly dataAccessMessages: number;
  },
  options: Pick<CallOptions, "signal">,
): Promise<void> {
  const { granter, grantee, sessionMessages, dataAccessMessages } = of;
  const present = await chain.accounts.grants(granter, grantee, options);
  const uses = (messageTypeUrl: string) => {
    const found = present.find((each) => each.messageTypeUrl === messageTypeUrl);
    return found === undefined ? 0 : (found.uses ?? Number.POSITIVE_INFINITY);
  };
  if (uses(SESSION_MESSAGE) >= sessionMessages && uses(DATA_ACCESS_MESSAGE) >= dataAccessMessages) return;
  throw new P8eError("session.grant_missing", "a party has signed, but the ledger has no grant of its that is enough", {
    facts: { granter, grantee, needed: sessionMessages + dataAccessMessages },
    hint: "It may have been taken back, or used up by another session. Ask the party.",
  });
}

/** Signers and whoever else the envelope names: they can read the rest of the session already. */
function readersOf({ signers }: Agreement, envelope: scope.Envelope) {
  const named = [
    ...envelope.contract!.recitals.map(({ signer }) => publicKeyFromMessage(signer!.encryptionPublicKey!)),
    ...signers.map(({ encryptionKey }) => encryptionKey),
    ...envelope.dataAccess.map((key) => publicKeyFromMessage(key)),
  ];
  return [...new Map(named.map((key) => [key.base64, key])).values()];
}
