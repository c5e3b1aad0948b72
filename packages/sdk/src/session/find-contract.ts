import type { ChainClient, ContractSpecificationView } from "@p8e/chain";
import {
  type AccountAddress,
  type ContentHash,
  type ContractSpecificationAddress,
  contentHashToBytes,
  contractSpecificationAddress,
  equalBytes,
  metadataAddressFromBytes,
  metadataAddressToBytes,
  P8eError,
  parseContentHash,
  parseMetadataAddress,
  type ScopeSpecificationAddress,
  uuidFromBytes,
} from "@p8e/core";
import type { KeyReference } from "@p8e/crypto";
import { type LoadedContract, type LoadOptions, loadContract, type Sandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import { decodeSpecification } from "./memorialize-messages.ts";

/** "PK" and the mark of a local file header (PKWARE APPNOTE 4.3.7). */
const ZIP_ENTRY = Uint8Array.of(0x50, 0x4b, 0x03, 0x04);

/** A contract that the ledger knows, allows on a kind of scope, and whose code was fetched and checked. */
export interface FoundContract<C = undefined> extends LoadedContract {
  readonly address: ContractSpecificationAddress;
  readonly publishers: readonly AccountAddress[];
  /** The kind of scope it is allowed on. */
  readonly scopeSpecification: ScopeSpecificationAddress;
  /** The definition it was looked for by, which types the proposals; undefined when it was looked for by name. */
  readonly source: C;
}

/** Where to look for a contract, and with what to open and check its code. */
export interface ContractSearch {
  readonly chain: ChainClient;
  readonly store: ObjectClient;
  readonly key: KeyReference;
  readonly sandbox: Sandbox;
  /** Whose contracts may run here; undefined means any that the scope's specification allows. */
  readonly allowedPublishers?: readonly AccountAddress[] | undefined;
}

/**
 * Finds a contract for scopes of a specification, by class name (the one allowed last wins) or by address.
 *
 * @throws `contract.not_published` when the ledger does not have it or does not allow it there, or its publisher is not
 *   allowed here; `object.…` when store or bytes fail; `contract.bundle_corrupt`
 */
export async function findContract(
  search: ContractSearch,
  wanted: { readonly contract: string; readonly scopeSpecification: ScopeSpecificationAddress },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FoundContract> {
  const allowed = await search.chain.metadata.scopeSpecification(wanted.scopeSpecification, {
    contractSpecifications: true,
    ...options,
  });
  if (allowed === undefined) {
    throw notPublished("the ledger has no such scope specification", { scopeSpecification: wanted.scopeSpecification });
  }
  const order = allowed.specification.contractSpecIds;
  const candidates = allowed.contractSpecifications
    .filter((each) => each.className === wanted.contract || isAt(wanted.contract, each.specificationId))
    .sort((one, other) => position(order, one.specificationId) - position(order, other.specificationId));
  const found = candidates.at(-1);
  if (found === undefined) {
    const names = allowed.contractSpecifications.map((each) => each.className);
    throw notPublished(
      "no such contract is allowed on scopes of this specification",
      { contract: wanted.contract, scopeSpecification: wanted.scopeSpecification, allowed: names },
      names.length === 0 ? undefined : "Name one that is allowed, or publish it first: p8e contract publish.",
    );
  }
  const address = metadataAddressFromBytes(found.specificationId) as ContractSpecificationAddress;
  const publishers = found.ownerAddresses as AccountAddress[];
  if (search.allowedPublishers !== undefined && !publishers.some((each) => search.allowedPublishers!.includes(each))) {
    throw notPublished("the contract's publisher is not among those allowed here", { contract: address, publishers });
  }
  const loaded = await fetchContract(
    search,
    specificationHash({ specification: found, recordSpecifications: [] }),
    options,
  );
  if (loaded.manifest.className !== found.className) {
    throw new P8eError("contract.invalid", "the ledger calls the contract otherwise than its code does", {
      facts: { ledger: found.className, code: loaded.manifest.className, contract: address },
    });
  }
  return { ...loaded, address, publishers, scopeSpecification: wanted.scopeSpecification, source: undefined };
}

/** A contract's code as the store has it, each part of the hash it is named by; nothing of it has run. */
export interface ContractCode {
  readonly specificationHash: ContentHash;
  readonly bundleHash: ContentHash;
  readonly bundle: Uint8Array;
}

/**
 * Fetches a contract by the hash of its specification and checks that code and specification belong together.
 * @throws as {@link findContract}
 */
export async function fetchContract(
  search: Pick<ContractSearch, "store" | "key" | "sandbox">,
  hash: ContentHash,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<LoadedContract> {
  const code = await fetchContractCode(search, hash, options);
  if (isArchive(code.bundle)) {
    throw new P8eError("contract.invalid", "the contract's code is an archive for the JVM, which cannot run here", {
      facts: { code: code.bundleHash },
    });
  }
  return loadContractCode(search, code, options);
}

/** @throws `contract.invalid` when the specification is none; `object.…` when store or bytes fail */
export async function fetchContractCode(
  search: Pick<ContractSearch, "store" | "key">,
  hash: ContentHash,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ContractCode> {
  const stored = await search.store.getBytes(hash, { key: search.key, ...options });
  const specification = decodeSpecification(stored);
  const bundleHash = parseContentHash(specification.definition?.resourceLocation?.ref?.hash ?? "");
  const bundle = await search.store.getBytes(bundleHash, { key: search.key, ...options });
  return { specificationHash: hash, bundleHash, bundle };
}

/** Runs the code until it describes itself. @throws `contract.bundle_corrupt` when its specification says otherwise */
export async function loadContractCode(
  { sandbox }: Pick<ContractSearch, "sandbox">,
  { specificationHash: hash, bundleHash, bundle }: ContractCode,
  options: LoadOptions = {},
): Promise<LoadedContract> {
  const loaded = await loadContract(sandbox, bundle, bundleHash, options);
  if (loaded.specification.hash !== hash) {
    throw new P8eError("contract.bundle_corrupt", "the code describes itself otherwise than its specification does", {
      facts: { specification: hash, derived: loaded.specification.hash },
    });
  }
  return loaded;
}

/** Whether code is a zip archive, as the JVM's contracts (jar) are: the signature of its first entry. */
export function isArchive(code: Uint8Array): boolean {
  return equalBytes(code.subarray(0, 4), ZIP_ENTRY);
}

/** Where the ledger says that the specification object lies. @throws `contract.invalid` */
export function specificationHash({ specification }: ContractSpecificationView): ContentHash {
  if (specification.source.case !== "hash") {
    throw new P8eError("contract.invalid", "the ledger's contract specification names no hash");
  }
  const hash = parseContentHash(specification.source.value);
  const address = contractSpecificationAddress(uuidFromBytes(contentHashToBytes(hash).subarray(0, 16)));
  if (!equalBytes(metadataAddressToBytes(address), specification.specificationId)) {
    throw new P8eError("contract.invalid", "the ledger's contract specification has another id than its hash gives", {
      facts: { hash },
    });
  }
  return hash;
}

function isAt(text: string, id: Uint8Array): boolean {
  if (!text.startsWith("contractspec1")) return false;
  return equalBytes(metadataAddressToBytes(parseMetadataAddress(text, "contract-specification")), id);
}

function position(order: readonly Uint8Array[], id: Uint8Array): number {
  return order.findIndex((each) => equalBytes(each, id));
}

function notPublished(
  message: string,
  facts: Record<string, string | readonly string[]>,
  hint = "Publish it first: p8e contract publish.",
): P8eError {
  return new P8eError("contract.not_published", message, { facts, hint });
}
