import { randomBytes } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { base64Encode, type Uuid, utf8Encode } from "@p8e/core";
import { encodeContainerHeader, encodeMetadata } from "@p8e/envelope";
import * as objectStore from "@p8e/proto/object-store";

/** A party as the store knows one: raw bytes in requests, base64 text in containers and rows. */
export interface TestParty {
  readonly raw: Uint8Array;
  readonly text: string;
}

/** Keys are opaque to a store; random ones keep tests on one store apart. */
export function newParty(): TestParty {
  const raw = new Uint8Array(randomBytes(65));
  return { raw, text: base64Encode(raw) };
}

/** Parties with keys of their own. */
export function newParties(count: number): readonly TestParty[] {
  return Array.from({ length: count }, newParty);
}

/** The reference tests use eight bytes, so any length must do. */
export function newHash(): Uint8Array {
  return new Uint8Array(randomBytes(8));
}

/** What a container is made of. */
export interface ContainerOptions {
  /** The first is the owner unless `owner` says otherwise; null leaves the owner out. */
  readonly audience: readonly TestParty[];
  readonly owner?: TestParty | null;
  readonly payload?: Uint8Array;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly uuid?: string;
  readonly uri?: string;
  /** The section as the client sends it, which no store keeps. */
  readonly signatures?: string;
}

/** The uuid in every container made here. */
export const CONTAINER_UUID = "00000000-0000-0000-0000-00000000012c";

/** A container as a client uploads it. */
export function buildContainer(options: ContainerOptions): Uint8Array {
  const owner = options.owner === undefined ? options.audience[0] : (options.owner ?? undefined);
  const dime = create(objectStore.DimeSchema, {
    audience: options.audience.map(audienceOf),
    ...(owner ? { owner: audienceOf(owner) } : {}),
  });
  const header = encodeContainerHeader((options.uuid ?? CONTAINER_UUID) as Uuid, {
    metadata: encodeMetadata(Object.entries(options.metadata ?? {})),
    uri: utf8Encode(options.uri ?? "fake_uri"),
    signatures: utf8Encode(options.signatures ?? '[{"signature":"YQ==","publicKey":"MQ=="}]'),
    envelope: toBinary(objectStore.DimeSchema, dime),
  });
  return joined(header, options.payload ?? utf8Encode("testing small payload"));
}

/** What a store makes of it: the signature section replaced by the one entry, everything else as it came. */
export function storedForm(options: ContainerOptions, signature: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const entry = `{"signature":"${base64Encode(signature)}","publicKey":"${base64Encode(publicKey)}"}`;
  return buildContainer({ ...options, signatures: `[${entry}]` });
}

/** A signature of no meaning: stores do not check it. */
export const SIGNATURE = utf8Encode("signature");
/** Its key, of no meaning either. */
export const SIGNATURE_PUBLIC_KEY = utf8Encode("signature public key");

function audienceOf(party: TestParty) {
  return { publicKey: utf8Encode(party.text) };
}

/** The parts, one after another. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Bytes that no compression or repetition hides anything in, the same for the same seed. */
export function patternBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
