import type { ChainClient } from "@p8e/chain";
import {
  type BuiltContract,
  type ContractChange,
  compareContracts,
  contractSpecification,
  type DescribedContract,
} from "@p8e/contract";
import {
  type AccountAddress,
  type ContractSpecificationAddress,
  contractSpecificationAddress,
  equalBytes,
  hasCode,
  mapAtMost,
  metadataAddressFromBytes,
  metadataAddressToBytes,
  P8eError,
  type ScopeAddress,
  type ScopeSpecificationAddress,
} from "@p8e/core";
import type { KeyReference } from "@p8e/crypto";
import type { Sandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import type * as metadata from "@p8e/proto/metadata";
import type * as scope from "@p8e/proto/scope";
import { fetchContractCode, isArchive, loadContractCode, specificationHash } from "../session/find-contract.ts";
import { decodeSpecification } from "../session/memorialize-messages.ts";
import { readScope, type ScopeSnapshot } from "../session/scope-snapshot.ts";
import { scopeSpecificationNamed } from "./publication.ts";

/** A linked contract that a change would break. */
export interface BrokenContract {
  readonly contract: ContractSpecificationAddress;
  readonly className: string;
}

/** A change with all that it would break; nothing if both lists are empty. */
export interface JudgedChange extends ContractChange {
  /** Live scopes of the publisher, on which the contract was run. */
  readonly scopes: readonly ScopeAddress[];
  /** Other contracts that are allowed on the same kind of scope. */
  readonly contracts: readonly BrokenContract[];
}

/** A contract beside what the ledger has of it. */
export interface PublicationComparison {
  readonly className: string;
  readonly contract: ContractSpecificationAddress;
  /** What sessions find by the class name now; absent when it was never published. The same when nothing changed. */
  readonly published?: ContractSpecificationAddress;
  readonly changes: readonly JudgedChange[];
  /** What could not be looked at, in words. */
  readonly unread: readonly string[];
  /** Whether something would break. */
  readonly breaks: boolean;
}

/** With what a contract is compared. */
export interface ComparisonParts {
  readonly chain: ChainClient;
  /** The publisher's own store. */
  readonly store: ObjectClient;
  readonly key: KeyReference;
  readonly sandbox: Sandbox;
  readonly publisher: AccountAddress;
}

/** Scopes that are read to see what a change would break; above this they are counted as not looked at. */
const SCOPES_READ_MAX = 1000;
const SCOPES_READ_AT_ONCE = 8;

interface Options {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compares a built contract with the one that sessions find under its name today, and with the contracts that are
 * linked to the same scopes. A change breaks what is live: scopes that the publisher's account has and on which the
 * contract was run, and linked contracts. Scopes of others are not known to the ledger by their specification.
 *
 * @throws what ledger and store throw; what cannot be read in the store is told in `unread`
 */
export async function comparePublication(
  parts: ComparisonParts,
  { built }: { readonly built: BuiltContract },
  options: Options = {},
): Promise<PublicationComparison> {
  const { className } = built.manifest;
  const contract = contractSpecificationAddress(contractSpecification(built.manifest).uuid);
  const changes: JudgedChange[] = [];
  const unread: string[] = [];
  let published: ContractSpecificationAddress | undefined;
  for (const name of built.manifest.scopes) {
    const address = scopeSpecificationNamed(name, parts.publisher);
    const linked = await linkedContracts(parts.chain, address, options);
    const before = linked.findLast((each) => each.className === className);
    if (before !== undefined) published = addressOf(before);
    if (published === contract) continue;
    const context: Context = { ...parts, options, unread, specification: address };
    const old = before === undefined ? undefined : await readContract(context, before);
    const others = newest(linked.filter((each) => each.className !== className));
    const readers = await linkedUses(context, others);
    const found = old === undefined ? [] : compareContracts(old, built);
    const scopesOf =
      before === undefined
        ? undefined
        : lazily(() =>
            scopesRunOn(
              context,
              linked.filter((each) => each.className === className),
            ),
          );
    for (const change of found) {
      changes.push({
        ...change,
        scopes: await brokenScopes(change, scopesOf),
        contracts: readers.filter((reader) => dependsOn(reader, change, built)).map(nameOf),
      });
    }
    changes.push(...mismatches(readers, built, old));
  }
  return {
    ...{ className, contract, changes, unread },
    ...(published === undefined ? {} : { published }),
    breaks: changes.some((each) => each.scopes.length > 0 || each.contracts.length > 0),
  };
}

/** @throws `contract.breaking` with what would break, by name */
export function requireNothingBroken({ className, changes, breaks }: PublicationComparison): void {
  if (!breaks) return;
  const breaking = changes.filter((each) => each.scopes.length > 0 || each.contracts.length > 0);
  const scopes = [...new Set(breaking.flatMap((each) => each.scopes))];
  const contracts = [...new Set(breaking.flatMap((each) => each.contracts.map((one) => one.className)))];
  const [first, ...more] = breaking.map(({ what, says }) => `${what} ${says}`);
  const others = more.length === 0 ? "" : `, and ${more.length} more`;
  throw new P8eError("contract.breaking", `${className} would break what is live: ${first}${others}`, {
    facts: { changes: breaking.map(({ what, says }) => `${what} ${says}`), scopes, contracts },
    hint: "Give the contract another class name, or publish it all the same with --force.",
  });
}

interface Context extends ComparisonParts {
  readonly options: Options;
  readonly unread: string[];
  readonly specification: ScopeSpecificationAddress;
}

/** In the order in which they were allowed: of one class name the last is the one that sessions find. */
async function linkedContracts(
  chain: ChainClient,
  address: ScopeSpecificationAddress,
  options: Options,
): Promise<readonly metadata.ContractSpecification[]> {
  const found = await chain.metadata.scopeSpecification(address, { contractSpecifications: true, ...options });
  return (found?.specification.contractSpecIds ?? []).flatMap(
    (id) => found?.contractSpecifications.find((each) => equalBytes(each.specificationId, id)) ?? [],
  );
}

function newest(contracts: readonly metadata.ContractSpecification[]): readonly metadata.ContractSpecification[] {
  return [...new Map(contracts.map((each) => [each.className, each])).values()];
}

/** The contract as its code describes it; undefined when the own store does not show its code. */
async function readContract(
  context: Context,
  specification: metadata.ContractSpecification,
): Promise<DescribedContract | undefined> {
  return await readable(context, specification, async () => {
    const hash = specificationHash({ specification, recordSpecifications: [] });
    const code = await fetchContractCode(context, hash, context.options);
    if (isArchive(code.bundle)) throw new P8eError("verify.unchecked", "its code is an archive for the JVM");
    return await loadContractCode(context, code, { ...context.options, older: true });
  });
}

/** What a linked contract reads and writes. */
interface LinkedUse extends BrokenContract {
  readonly specification: scope.ContractSpec;
}

async function linkedUses(
  context: Context,
  contracts: readonly metadata.ContractSpecification[],
): Promise<readonly LinkedUse[]> {
  const uses: LinkedUse[] = [];
  for (const each of contracts) {
    const specification = await readable(context, each, async () => {
      const hash = specificationHash({ specification: each, recordSpecifications: [] });
      return decodeSpecification(await context.store.getBytes(hash, { key: context.key, ...context.options }));
    });
    if (specification !== undefined) {
      uses.push({ contract: addressOf(each), className: each.className, specification });
    }
  }
  return uses;
}

/** What the own store does not have or show, or what is nothing that can be read, is told and left out. */
async function readable<T>(
  { unread }: Context,
  specification: metadata.ContractSpecification,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const said = P8eError.from(error);
    if (said.status.retry || hasCode(said, "rpc.cancelled", "internal.unexpected", "key.unavailable")) throw error;
    unread.push(`${specification.className} at ${addressOf(specification)}: ${said.message} (${said.code})`);
    return undefined;
  }
}

/** Whether a linked contract reads a record that the change takes away from it, or makes into something else. */
function dependsOn({ specification }: LinkedUse, { what, breaks }: ContractChange, after: DescribedContract): boolean {
  if (breaks?.kind !== "with_record") return false;
  const read = specification.inputSpecs.find((each) => each.name === breaks.record);
  if (read === undefined) return false;
  const written = after.manifest.functions.find(({ writes }) => writes.name === breaks.record)?.writes;
  // A record that nobody writes any more is missed by who needs it; a changed type by all who read that type.
  if (written === undefined) return !read.optional;
  return what.startsWith("type ") && read.resourceLocation?.classname === written.className;
}

/** A record that one contract writes as another type than the other reads it: new with this version, or not told. */
function mismatches(
  linked: readonly LinkedUse[],
  after: DescribedContract,
  before: DescribedContract | undefined,
): readonly JudgedChange[] {
  const wrote = new Map(before?.manifest.functions.map(({ writes }) => [writes.name, writes.className]));
  const wasRead = new Map(before?.manifest.records.map(({ name, className }) => [name, className]));
  const changes: JudgedChange[] = [];
  const add = (use: LinkedUse, record: string, says: string) =>
    changes.push({ what: `record "${record}"`, says, scopes: [], contracts: [nameOf(use)] });
  for (const use of linked) {
    for (const { name, resourceLocation } of use.specification.inputSpecs) {
      const reads = resourceLocation?.classname ?? "";
      const written = after.manifest.functions.find((each) => each.writes.name === name)?.writes;
      if (written === undefined || written.className === reads || wrote.get(name) === written.className) continue;
      add(
        use,
        name,
        `is written as a ${written.typeName} (${written.className}), which ${use.className} reads as a ${reads}`,
      );
    }
    for (const { outputSpec } of use.specification.functionSpecs) {
      const { name = "", resourceLocation } = outputSpec?.spec ?? {};
      const writes = resourceLocation?.classname ?? "";
      const read = after.manifest.records.find((each) => each.name === name);
      if (read === undefined || read.className === writes || wasRead.get(name) === read.className) continue;
      add(use, name, `is read as a ${read.typeName} (${read.className}), which ${use.className} writes as a ${writes}`);
    }
  }
  return changes;
}

/** The publisher's scopes of this kind that have records of the contract, in whichever version, as far as they are looked at. */
async function scopesRunOn(
  context: Context,
  versions: readonly metadata.ContractSpecification[],
): Promise<readonly ScopeSnapshot[]> {
  const { chain, publisher, specification, options, unread } = context;
  const addresses: ScopeAddress[] = [];
  for await (const address of chain.metadata.scopesOf(publisher, options)) {
    if (addresses.length === SCOPES_READ_MAX) {
      unread.push(`scopes beyond the first ${SCOPES_READ_MAX} of ${publisher}`);
      break;
    }
    addresses.push(address);
  }
  const kind = metadataAddressToBytes(specification);
  const snapshots = await mapAtMost(
    SCOPES_READ_AT_ONCE,
    addresses,
    async (address) => {
      const snapshot = await readScope(chain, address, options);
      const isOfKind = equalBytes(snapshot.response.scope?.scope?.specificationId ?? new Uint8Array(), kind);
      const wasRunOn = snapshot.sessions.some(({ specificationId }) =>
        versions.some((version) => equalBytes(version.specificationId, specificationId)),
      );
      return isOfKind && wasRunOn ? [snapshot] : [];
    },
    options.signal,
  );
  return snapshots.flat();
}

async function brokenScopes(
  { breaks }: ContractChange,
  scopesOf: (() => Promise<readonly ScopeSnapshot[]>) | undefined,
): Promise<readonly ScopeAddress[]> {
  if (breaks === undefined || scopesOf === undefined) return [];
  const scopes = await scopesOf();
  const isBroken = ({ records }: ScopeSnapshot): boolean => {
    if (breaks.kind === "every_scope") return true;
    const has = records.some((record) => record.name === breaks.record);
    return breaks.kind === "with_record" ? has : !has;
  };
  return scopes.filter(isBroken).map(({ address }) => address);
}

function lazily<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

function nameOf({ contract, className }: BrokenContract): BrokenContract {
  return { contract, className };
}

function addressOf({ specificationId }: metadata.ContractSpecification): ContractSpecificationAddress {
  return metadataAddressFromBytes(specificationId) as ContractSpecificationAddress;
}
