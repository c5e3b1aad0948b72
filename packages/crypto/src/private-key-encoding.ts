import { createPrivateKey, type KeyObject } from "node:crypto";
import { concatBytes, equalBytes, hexDecode, P8eError, utf8Encode } from "@p8e/core";
import { type PrivateKey, parsePrivateKey } from "./private-key.ts";
import { encodeSecretBase64 } from "./secret-base64.ts";

// Everything here returns secret bytes, never text: the caller wipes them.

const PKCS8_PREFIX = hexDecode("3047020100301006072a8648ce3d020106052b8104000a0430302e0201010420");
const PKCS8_SUFFIX = hexDecode("a00706052b8104000a");
const SEC1_PREFIX = hexDecode("302e0201010420");
/** Longer than any private key's PEM on this curve, its parameters in front included. */
const PEM_MAX = 4096;

/** Protobuf: field 1, the scalar as the JVM writes integers (shortest form, a zero in front when the top bit is set). */
export function privateKeyToProto(key: PrivateKey): Uint8Array {
  return key.use((scalar) => {
    const start = scalar.findIndex((byte) => byte !== 0);
    const sign = scalar[start]! >= 0x80 ? 1 : 0;
    const length = sign + 32 - start;
    const bytes = new Uint8Array(2 + length);
    bytes.set([0x0a, length]);
    bytes.set(scalar.subarray(start), 2 + sign);
    return bytes;
  });
}

/** PKCS#8 DER without the public point, as Java encodes it. */
export function privateKeyToPkcs8(key: PrivateKey): Uint8Array {
  return key.use((scalar) => concatBytes(PKCS8_PREFIX, scalar, PKCS8_SUFFIX));
}

/**
 * What `privateKeyToPkcs8` and Java write, no other variant.
 * @throws `key.invalid`
 */
export function privateKeyFromPkcs8(der: Uint8Array): PrivateKey {
  const end = PKCS8_PREFIX.length + 32;
  const fits =
    der.length === end + PKCS8_SUFFIX.length &&
    equalBytes(der.subarray(0, PKCS8_PREFIX.length), PKCS8_PREFIX) &&
    equalBytes(der.subarray(end), PKCS8_SUFFIX);
  if (!fits) throw new P8eError("key.invalid", "not the PKCS#8 form of a secp256k1 private key");
  return parsePrivateKey(der.subarray(PKCS8_PREFIX.length, end));
}

/** The characters of an `EC PRIVATE KEY` (SEC1) PEM without the public point. */
export function privateKeyToSec1Pem(key: PrivateKey): Uint8Array {
  const der = key.use((scalar) => concatBytes(SEC1_PREFIX, scalar, PKCS8_SUFFIX));
  const text = new Uint8Array(64); // of 48 bytes: exactly one line
  try {
    encodeSecretBase64(der, text);
    return concatBytes(
      utf8Encode("-----BEGIN EC PRIVATE KEY-----\n"),
      text,
      utf8Encode("\n-----END EC PRIVATE KEY-----\n"),
    );
  } finally {
    der.fill(0);
    text.fill(0);
  }
}

/**
 * A PEM block as OpenSSL and Java write it: `EC PRIVATE KEY` (SEC1) or `PRIVATE KEY` (PKCS#8), with the public point or
 * without. What OpenSSL keeps of it goes when its key object is collected.
 * @throws `key.invalid`, also for a block under a passphrase; `key.unsupported_curve`
 */
export function privateKeyFromPem(pem: Uint8Array): PrivateKey {
  if (pem.length > PEM_MAX) throw notAPem();
  const text = Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
  if (text.includes("ENCRYPTED")) {
    throw new P8eError("key.invalid", "this PEM block is under a passphrase of its own, which p8e does not read", {
      hint: "Decrypt it with openssl pkey, then import it: p8e puts it under a passphrase again.",
    });
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: "pem" });
  } catch {
    // The cause is left out: a decoder's message may quote what it read.
    throw notAPem();
  }
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "secp256k1") {
    throw new P8eError("key.unsupported_curve", "the private key is not on secp256k1", {
      facts: { type: key.asymmetricKeyType, curve: key.asymmetricKeyDetails?.namedCurve },
    });
  }
  const der = key.export({ format: "der", type: "sec1" });
  try {
    // SEQUENCE, whose length depends on what follows, version 1, then the scalar: OpenSSL writes all 32 bytes of it.
    if (!equalBytes(der.subarray(2, 7), SEC1_PREFIX.subarray(2))) throw notAPem();
    return parsePrivateKey(der.subarray(7, 39));
  } finally {
    der.fill(0);
  }
}

function notAPem(): P8eError {
  return new P8eError("key.invalid", "not the PEM text of a private key");
}
