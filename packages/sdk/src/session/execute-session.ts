import {
  type AccountPrefix,
  type ContentHash,
  hashContent,
  P8eError,
  parseContentHash,
  parseUuid,
  type Uuid,
} from "@p8e/core";
import { accountAddress, signMessage } from "@p8e/crypto";
import { executeContract } from "@p8e/engine";
import type * as scope from "@p8e/proto/scope";
import { neededSignatures } from "../agreement/needed-signatures.ts";
import type { PartyParts } from "../parts.ts";
import { encodeEvidence } from "./evidence.ts";
import type { FoundContract } from "./find-contract.ts";
import { locatedOutcome } from "./located-outcome.ts";
import { memorializeMessages } from "./memorialize-messages.ts";
import { type PackagedSession, recordsBefore } from "./package-session.ts";
import { asStage, type ExecutedSession, type OtherSigner, type PreparedSession } from "./session.ts";
import { requireRecords } from "./skipped.ts";

/** Runs a prepared session's contract on its inputs, in the sandbox, and signs the result. */
export async function executeSession(
  { sandbox, party, network, store, state }: PartyParts,
  prepared: PreparedSession,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<ExecutedSession> {
  const { packaged, contract } = prepared;
  const objects = new Map<ContentHash, Uint8Array>();
  for (const proposal of packaged.proposals) objects.set(proposal.hash, proposal.bytes);
  for (const input of packaged.inputs) {
    const hash = parseContentHash(input.hash);
    objects.set(hash, await store.getBytes(hash, { key: party.encryption, ...options }));
  }
  const outcome = await executeContract(
    sandbox,
    {
      contract: packaged.envelope.contract!,
      loaded: contract,
      objects,
      sign: (bytes) => signMessage(party.signing, bytes),
      ...existingOf(packaged, contract),
    },
    options,
  );
  if (outcome.kind === "failed") throw await locatedOutcome(outcome, contract, state);
  requireRecords(outcome.results);
  const signatures = [...packaged.envelope.signatures, outcome.signature];
  const envelope = { ...packaged.envelope, contract: outcome.contract, signatures };
  const bytes = encodeEvidence(envelope);
  const evidence = { hash: hashContent(bytes), bytes };
  const messages = memorializeMessages(envelope, contract.specification.message, {
    prefix: network.accountPrefix,
    evidence: evidence.hash,
  });
  const others = othersOf(packaged, envelope, network.accountPrefix);
  return asStage<ExecutedSession>({ prepared, results: outcome.results, envelope, others, evidence, messages });
}

/** Everybody whose signature is needed was looked up when the session was prepared. */
function othersOf({ request }: PackagedSession, envelope: scope.Envelope, prefix: AccountPrefix): OtherSigner[] {
  const existing = request.scope.kind === "existing" ? request.scope : undefined;
  const known = [...request.participants.values(), ...(existing?.owners ?? []), ...(existing?.formerParties ?? [])];
  const own = request.invoker.signingKey;
  return neededSignatures(envelope, prefix).flatMap((needed) => {
    const affiliate = known.find(({ signingKey }) => accountAddress(signingKey, prefix) === needed.address);
    if (affiliate === undefined) {
      throw new P8eError("key.unavailable", "a party that must sign is known by its encryption key only", {
        facts: { address: needed.address },
      });
    }
    return affiliate.signingKey.equals(own) ? [] : [{ ...needed, affiliate }];
  });
}

/** What the scope has before: outputs name what they replace. */
function existingOf(
  { request }: PackagedSession,
  { manifest }: FoundContract<unknown>,
): { scope?: { uuid: Uuid; records: ReadonlyMap<string, ContentHash> } } {
  const of = request.scope;
  if (of.kind === "new") return {};
  const written = manifest.functions.map((each) => each.writes.name);
  return { scope: { uuid: parseUuid(of.uuid), records: recordsBefore(of, written) } };
}
