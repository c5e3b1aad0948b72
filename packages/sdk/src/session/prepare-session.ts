import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type AnyContract, encodeProposals, type Proposals } from "@p8e/contract";
import { metadataAddressParts, P8eError, randomUuid, scopeSpecificationAddress } from "@p8e/core";
import { formerParties } from "../agreement/needed-signatures.ts";
import type { PartyParts } from "../parts.ts";
import { affiliateOf, requireAffiliates } from "./affiliate.ts";
import type { FoundContract } from "./find-contract.ts";
import { type Proposal, packageSession, type ScopeOfSession } from "./package-session.ts";
import { readScope } from "./scope-snapshot.ts";
import { asStage, type NewSession, type PreparedSession } from "./session.ts";

const DEADLINE_MS = 24 * 3600_000;
/** Grants are given until the deadline: none for longer than this. */
export const DEADLINE_MOST_MS: number = 30 * 24 * 3600_000;

/** Reads the scope as it is now, and checks everything that can be checked before the contract runs. */
export async function prepareSession<C>(
  parts: PartyParts,
  request: NewSession<C>,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<PreparedSession> {
  const { party, random } = parts;
  const nowMs = parts.nowMs();
  const { contract } = request;
  const scope = await scopeOfSession(parts, request, options);
  const executionUuid = randomUuid(random);
  const packaged = packageSession({
    contract: { hash: contract.specification.hash, specification: contract.specification.message },
    scope,
    sessionUuid: request.sessionUuid ?? randomUuid(random),
    executionUuid,
    invoker: affiliateOf(party),
    participants: request.participants,
    proposals: proposalsOf(request),
    dataAccess: request.dataAccess ?? [],
    startTime: timestampFromMs(nowMs),
    expirationTime: timestampFromMs(deadlineOf(request, nowMs)),
    mainNet: parts.network.mainNet,
  });
  return asStage<PreparedSession>({ contract, packaged, executionUuid });
}

async function scopeOfSession(
  { chain, directory, random }: PartyParts,
  { contract, scope }: NewSession<unknown>,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<ScopeOfSession> {
  if (scope.kind === "new") {
    requireSameKind(contract, scope.specification);
    const { uuid } = metadataAddressParts(scope.specification);
    return { kind: "new", uuid: scope.uuid ?? randomUuid(random), specificationUuid: uuid };
  }
  const { uuid, specificationUuid, response, owners, dataAccess } = await readScope(chain, scope.address, options);
  requireSameKind(contract, scopeSpecificationAddress(specificationUuid));
  const written = contract.manifest.functions.map((each) => each.writes.name);
  const former = [...new Set(written.flatMap((name) => formerParties(response, name)))];
  // In one question, so that all who are missing are named at once.
  const known = await requireAffiliates(directory, [...owners, ...dataAccess, ...former]);
  const formerAt = owners.length + dataAccess.length;
  return {
    ...{ kind: "existing", uuid, specificationUuid, snapshot: response },
    owners: known.slice(0, owners.length),
    dataAccess: known.slice(owners.length, formerAt),
    formerParties: known.slice(formerAt),
  };
}

function deadlineOf({ deadlineMs }: NewSession<unknown>, nowMs: number): number {
  const deadline = deadlineMs ?? nowMs + DEADLINE_MS;
  if (deadline > nowMs && deadline <= nowMs + DEADLINE_MOST_MS) return deadline;
  throw new P8eError("session.invalid", "the deadline is not within the next 30 days", {
    facts: { deadline: Number.isFinite(deadline) ? new Date(deadline).toISOString() : String(deadline) },
  });
}

/** What a contract may do was looked up for one kind of scope, and says nothing of others. */
function requireSameKind({ scopeSpecification }: FoundContract<unknown>, found: string): void {
  if (found === scopeSpecification) return;
  throw new P8eError("session.invalid", "the contract was found for scopes of another specification", {
    facts: { expected: scopeSpecification, found },
    hint: "Look for the contract on this scope.",
  });
}

function proposalsOf<C>({ contract, proposals }: NewSession<C>): ReadonlyMap<string, Proposal> {
  const { source } = contract;
  if (source !== undefined) return encodeProposals(source as AnyContract, proposals as Proposals<AnyContract>);
  const inputs = new Map(contract.manifest.functions.flatMap((each) => each.inputs).map((each) => [each.name, each]));
  return new Map(
    Object.entries(proposals as Readonly<Record<string, Uint8Array>>).map(([name, bytes]) => [
      name,
      // A name that the contract does not know has no class either; packaging reports it with the other faults.
      { className: inputs.get(name)?.className ?? "", bytes },
    ]),
  );
}
