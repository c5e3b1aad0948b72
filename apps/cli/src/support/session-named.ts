import { P8eError, parseMetadataAddress, parseUuid, type SessionAddress, sessionAddress, type Uuid } from "@p8e/core";
import type { OpenParty } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import { lastNamedOr } from "./last-named.ts";

/** A session that several sign as it was named: by the UUID of its execution, or by its address on the ledger. */
export type SessionName = Uuid | SessionAddress;

/**
 * The session that is meant: `@last`, the UUID by which all who sign know it, or `session1…`.
 * @throws `input.invalid`, `uuid.invalid`, `address.invalid`
 */
export async function sessionNamed(context: CommandContext, text: string): Promise<SessionName> {
  const named = await lastNamedOr(context, text, "session");
  return named.startsWith("session1") ? parseMetadataAddress(named, "session") : parseUuid(named);
}

/** The UUID among those who sign, as the party remembers it. @throws `session.not_found` for an address it does not know */
export async function executionNamed(party: OpenParty, name: SessionName): Promise<Uuid> {
  if (!name.startsWith("session1")) return name as Uuid;
  const [{ approvalStates, requestSummary }, { agreements }] = await Promise.all([import("@p8e/sdk"), party.state()]);
  const { accountPrefix } = party.profile.network;
  const known = [...(await agreements.agreements(true)), ...(await agreements.approvals(approvalStates))];
  const found = known.find(({ request }) => {
    const { scopeUuid, sessionUuid } = requestSummary(request, accountPrefix);
    return sessionAddress(scopeUuid, sessionUuid) === name;
  });
  if (found !== undefined) return found.uuid;
  throw new P8eError("session.not_found", "this party knows no session with that address that several sign", {
    facts: { session: name },
    hint: "p8e session list --all tells those that it knows. One that it signed alone is on the ledger: p8e scope show.",
  });
}
