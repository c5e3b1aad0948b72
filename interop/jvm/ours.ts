// Our side of the comparison: parties whose keys both sides hold, and containers as a store would hand them out.
import { base64Encode, concatBytes, hexDecode, hexEncode, utf8Encode } from "@p8e/core";
import {
  generatePrivateKey,
  type KeyReference,
  localKey,
  openContainer,
  type PrivateKey,
  type PublicKey,
  parsePrivateKey,
  type SealedBytes,
  systemRandom,
} from "@p8e/crypto";
import { parseContainer, rewriteSignatures } from "@p8e/envelope";
import { developmentKey } from "./vectors.ts";

export interface Party {
  readonly key: KeyReference;
  readonly publicKey: PublicKey;
  /** 32 bytes of scalar, hexadecimal: how the driver takes private keys. */
  readonly privateKeyHex: string;
  /** 65 bytes of point, hexadecimal: how the driver takes public keys. */
  readonly publicKeyHex: string;
}

export function party(privateKey: PrivateKey): Party {
  const key = localKey(privateKey);
  return {
    key,
    publicKey: key.publicKey,
    privateKeyHex: privateKey.use(hexEncode),
    publicKeyHex: hexEncode(key.publicKey.uncompressed),
  };
}

export function developmentParty(number: 1 | 2 | 3): Party {
  return party(parsePrivateKey(hexDecode(developmentKey(number).privateKey)));
}

export function strangerParty(): Party {
  return party(generatePrivateKey(systemRandom));
}

/** The container that a store keeps: our upload with its signature section filled in. */
export function storedContainer(sealed: SealedBytes): Uint8Array {
  const { header } = parseContainer(sealed.header);
  const { signature, signer } = sealed.seal;
  return concatBytes(rewriteSignatures(header, { signature, publicKey: utf8Encode(signer.pem) }), sealed.payload);
}

/** As storedContainer, for what the driver sealed. */
export function storedJvmContainer(sealed: { container: string; signature: string; signerPem: string }): Uint8Array {
  const { header, payload } = parseContainer(Buffer.from(sealed.container, "base64"));
  const entry = { signature: Buffer.from(sealed.signature, "base64"), publicKey: utf8Encode(sealed.signerPem) };
  return concatBytes(rewriteSignatures(header, entry), payload);
}

/** Opens in memory with our code. */
export async function openStored(
  container: Uint8Array,
  reader: Party,
  checks: Partial<Parameters<typeof openContainer>[0]> = {},
) {
  const { header, payload } = parseContainer(container);
  return openContainer({ header, payload, key: reader.key, ...checks });
}

/** Bytes that repeat with a period no buffer size has, so that a shifted or repeated chunk shows. */
export function patternBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = (index * 31 + (index >>> 8)) % 251;
  return bytes;
}

export { base64Encode as base64Text };
