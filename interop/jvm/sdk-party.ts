// A party that works with the published SDK and the chain's published client, beside parties of ours.
import assert from "node:assert/strict";
import {
  addContractSpecificationToScopeSpecification,
  type ChainClient,
  type LedgerMessage,
  ledgerSigner,
  writeContractSpecification,
  writeRecordSpecification,
  writeScopeSpecification,
} from "@p8e/chain";
import { CONTRACT_SPEC_CLASS } from "@p8e/contract";
import {
  base64Decode,
  base64Encode,
  contractSpecificationAddress,
  networks,
  parseContentHash,
  parseUuid,
  recordSpecificationAddress,
  type ScopeAddress,
  scopeAddress,
  scopeSpecificationAddress,
} from "@p8e/core";
import { privateKeyFromMnemonic } from "@p8e/crypto";
import { DEVELOPMENT_ENCRYPTION_PATH, DEVELOPMENT_SIGNING_PATH, developmentParty } from "@p8e/party";
import type { JvmDriver, JvmSender } from "./driver.ts";
import { type Party, party } from "./ours.ts";
import type { PackedMessage } from "./protocol.ts";

const network = networks.local;
const STRING_VALUE = "com.google.protobuf.StringValue";

/** Archives that are stored and specified, so that sessions of NoteContract can be run. */
interface Publication {
  readonly contractHash: string;
  readonly protoHash: string;
}

/** Where it works. */
export interface SdkPlace {
  readonly jvm: JvmDriver;
  readonly sender: JvmSender;
  /** The party's own store. */
  readonly storeUrl: string;
  readonly nodeUrl: string;
  /** Of ours, to compare prices. */
  readonly chain: ChainClient;
}

/** One of the development parties, whose words both sides derive the same keys from. */
export class SdkParty {
  readonly signing: Party;
  readonly encryption: Party;
  readonly #place: SdkPlace;
  readonly #mnemonic: string;
  readonly #signer: ReturnType<typeof ledgerSigner>;

  constructor(name: string, place: SdkPlace) {
    this.#place = place;
    this.#mnemonic = developmentParty(name)!.mnemonic;
    this.signing = party(privateKeyFromMnemonic(this.#mnemonic, DEVELOPMENT_SIGNING_PATH));
    this.encryption = party(privateKeyFromMnemonic(this.#mnemonic, DEVELOPMENT_ENCRYPTION_PATH));
    this.#signer = ledgerSigner(this.signing.key, network.accountPrefix);
  }

  /** Stores the archives and the specification with the published client, as the publishing plugin does, and specifies them. */
  async publish(audience: readonly string[]): Promise<Publication> {
    const { jvm } = this.#place;
    const archives = await jvm.call("noteArchives", {});
    const storing = { ...this.#stored(), audience };
    const { hash: contractHash } = await jvm.call("putJar", { ...storing, plaintext: archives.contract });
    const { hash: protoHash } = await jvm.call("putJar", { ...storing, plaintext: archives.protos });
    const specified = await jvm.call("contractSpecification", { contractHash, protoHash, ofNote: true });
    const record = { classname: CONTRACT_SPEC_CLASS, message: specified.specification };
    const { hash } = await jvm.call("putRecord", { ...storing, ...record });
    assert.equal(hash, specified.hash);

    const { address } = this.#signer;
    const [owners, signers] = [[address], [address]];
    const scopeSpecification = scopeSpecificationAddress(parseUuid(archives.scopeSpecificationUuid));
    const uuid = parseUuid(specified.uuid);
    const contractSpecification = contractSpecificationAddress(uuid);
    await this.#send([
      writeScopeSpecification({
        ...{ specification: scopeSpecification, owners, partiesInvolved: ["OWNER"], signers },
        description: { name: archives.scopeSpecificationName, description: "A note" },
      }),
      writeContractSpecification({
        ...{ specification: contractSpecification, owners, partiesInvolved: ["OWNER"], signers },
        description: { name: "NoteContract", description: "p8e.interop.NoteContract" },
        source: { hash: parseContentHash(hash) },
        className: "p8e.interop.NoteContract",
      }),
      writeRecordSpecification({
        ...{ specification: recordSpecificationAddress(uuid, "note"), name: "note", typeName: STRING_VALUE, signers },
        inputs: [{ name: "text", typeName: STRING_VALUE, source: { hash: parseContentHash(protoHash) } }],
        resultType: "PROPOSED",
        responsibleParties: ["OWNER"],
      }),
      addContractSpecificationToScopeSpecification({ contractSpecification, scopeSpecification, signers }),
    ]);
    return { contractHash, protoHash };
  }

  /**
   * A session of NoteContract: the SDK makes its messages, the chain's client signs and sends them.
   * @param on the uuid of a new scope, or an existing one as a node tells it
   */
  async note(
    publication: Publication,
    text: string,
    on: { readonly scopeUuid: string } | { readonly scope: string },
    readers: readonly Party[],
  ): Promise<readonly PackedMessage[]> {
    const keys = readers.map(({ publicKeyHex }) => publicKeyHex);
    const executed = await this.#place.jvm.call("executeNote", {
      ...{ ...this.#working(), ...publication, text, dataAccess: keys, affiliates: keys },
      ...on,
    });
    assert.equal(executed.result, "SignedResult");
    await this.#send(executed.messages);
    return executed.messages;
  }

  /** The scope as the node tells it to the SDK's own stub. */
  async scope(address: ScopeAddress, includeRequest: boolean): Promise<string> {
    const { jvm, nodeUrl } = this.#place;
    return (await jvm.call("scope", { url: nodeUrl, address, includeRequest })).scope;
  }

  async hydrate(scope: string): Promise<string | null> {
    return (await this.#place.jvm.call("hydrateNote", { ...this.#working(), scope })).note;
  }

  /** What the chain's client would offer for the messages, in nhash, by either of its ways to ask. */
  async offer(messages: readonly PackedMessage[], estimation: "COSMOS_SIMULATION" | "MSG_FEE_CALCULATION") {
    const { fees } = await this.#place.sender.call("estimate", { ...this.#sending(messages), estimation });
    return BigInt(fees["nhash"] ?? 0);
  }

  /** What they cost, by our client. */
  async price(messages: readonly PackedMessage[]): Promise<bigint> {
    const signers = [this.#signer.address];
    const unpacked = messages.map(({ typeUrl, value }) => ({ typeUrl, value: base64Decode(value), signers }));
    return (await this.#place.chain.estimate(unpacked, [this.#signer])).fee;
  }

  async #send(messages: readonly (PackedMessage | LedgerMessage)[]): Promise<void> {
    const packed = messages.map(({ typeUrl, value }) => ({
      typeUrl,
      value: typeof value === "string" ? value : base64Encode(value),
    }));
    const sent = await this.#place.sender.call("send", this.#sending(packed));
    assert.deepEqual([sent.code, sent.codespace], [0, ""], sent.log);
  }

  #sending(messages: readonly PackedMessage[]) {
    return { nodeUrl: this.#place.nodeUrl, chainId: network.chainId, mnemonic: this.#mnemonic, messages };
  }

  #stored() {
    const { privateKeyHex: signer } = this.signing;
    return { url: this.#place.storeUrl, signer, ownerKey: this.encryption.privateKeyHex };
  }

  #working() {
    const { privateKeyHex: signer } = this.signing;
    return { url: this.#place.storeUrl, signer, encryptionKey: this.encryption.privateKeyHex };
  }
}

export const scopeOf = (uuid: string): ScopeAddress => scopeAddress(parseUuid(uuid));
