import {
  type ContentHash,
  type ContractSpecificationAddress,
  metadataAddressFromBytes,
  P8eError,
  parseContentHash,
} from "@p8e/core";
import type * as metadata from "@p8e/proto/metadata";
import { openAgreementEvidence } from "../agreement/agreement-evidence.ts";
import { decodeEvidence } from "../session/evidence.ts";
import { AGREEMENT_CONTEXT_VERSION, evidenceHashOf } from "../session/evidence-context.ts";
import {
  type ContractSearch,
  fetchContractCode,
  isArchive,
  loadContractCode,
  specificationHash,
} from "../session/find-contract.ts";
import type { ScopeSnapshot } from "../session/scope-snapshot.ts";

/** An object that whoever reads a scope needs, and what it is to the scope. */
export interface ScopeObject {
  readonly hash: ContentHash;
  /** `record "loan"`, `input "loan" of record "loan"`, `evidence of session io.p8e.Loan` … */
  readonly what: string;
}

/** With which node and store, and as whom, a scope's objects are found. */
export type ScopeReader = Pick<ContractSearch, "chain" | "store" | "key" | "sandbox">;

interface Call {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything that lies in stores for a scope, each object once: records, their inputs, the evidence of the sessions and
 * what it says the contracts read, and the contracts themselves. What is in the evidence and contracts is found in the
 * own store, which must have them.
 * @throws `object.…`, `contract.…` when evidence or contracts cannot be read
 */
export async function readScopeObjects(
  reader: ScopeReader,
  snapshot: Pick<ScopeSnapshot, "sessions" | "records">,
  options: Call = {},
): Promise<readonly ScopeObject[]> {
  const found = namedOnLedger(snapshot);
  for (const session of snapshot.sessions) {
    const hash = evidenceHashOf(session.context);
    if (hash !== undefined) found.push(...(await readByContract(reader, hash, session, options)));
  }
  const contracts = new Map(
    snapshot.sessions.map((session) => [metadataAddressFromBytes(session.specificationId), session.name]),
  );
  for (const [address, name] of contracts) {
    found.push(...(await codeOf(reader, address as ContractSpecificationAddress, name, options)));
  }
  return [...new Map(found.toReversed().map((object) => [object.hash, object])).values()].toReversed();
}

/** What the ledger itself names: records, their inputs, and the evidence of the sessions. */
export function namedOnLedger({ sessions, records }: Pick<ScopeSnapshot, "sessions" | "records">): ScopeObject[] {
  return [
    ...records.flatMap((record) => [
      ...record.outputs.flatMap(({ hash }) => objectOf(hash, `record "${record.name}"`)),
      ...record.inputs.flatMap(({ name, source }) =>
        source.case === "hash" ? objectOf(source.value, `input "${name}" of record "${record.name}"`) : [],
      ),
    ]),
    ...sessions.flatMap((session: metadata.Session) => {
      const hash = evidenceHashOf(session.context);
      return hash === undefined ? [] : [{ hash, what: `evidence of session ${session.name}` }];
    }),
  ];
}

/** A skipped output has no hash. */
function objectOf(hash: string, what: string): ScopeObject[] {
  return hash === "" ? [] : [{ hash: parseContentHash(hash), what }];
}

async function readByContract(
  { store, key }: ScopeReader,
  hash: ContentHash,
  { name: session, context }: metadata.Session,
  options: Call,
): Promise<readonly ScopeObject[]> {
  const stored = await store.getBytes(hash, { key, ...options });
  const agreed = context[0] === AGREEMENT_CONTEXT_VERSION;
  const { contract } = decodeEvidence(agreed ? openAgreementEvidence(stored) : stored);
  return contract.inputs.flatMap(({ name, dataLocation }) =>
    objectOf(dataLocation?.ref?.hash ?? "", `"${name}", which session ${session} read`),
  );
}

async function codeOf(
  reader: ScopeReader,
  address: ContractSpecificationAddress,
  name: string,
  options: Call,
): Promise<readonly ScopeObject[]> {
  const view = await reader.chain.metadata.contractSpecification(address, options);
  if (view === undefined) {
    throw new P8eError("ledger.not_found", "the ledger does not have the specification of a contract of this scope", {
      facts: { contract: address },
    });
  }
  const code = await fetchContractCode(reader, specificationHash(view), options);
  const parts = [
    { hash: code.specificationHash, what: `specification of ${name}` },
    { hash: code.bundleHash, what: `code of ${name}` },
  ];
  // The JVM's code carries its types.
  if (isArchive(code.bundle)) return parts;
  const { manifest } = await loadContractCode(reader, code, { ...options, older: true });
  return [...parts, { hash: manifest.types.hash, what: `types of ${name}` }];
}
