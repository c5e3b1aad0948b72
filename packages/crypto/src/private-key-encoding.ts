import { concatBytes, equalBytes, hexDecode, P8eError, utf8Encode } from "@p8e/core";
import { type PrivateKey, parsePrivateKey } from "./private-key.ts";
import { encodeSecretBase64 } from "./secret-base64.ts";

// Everything here returns secret bytes, never text: the caller wipes them.

const PKCS8_PREFIX = hexDecode("3047020100301006072a8648ce3d020106052b8104000a0430302e0201010420");
const PKCS8_SUFFIX = hexDecode("a00706052b8104000a");
const SEC1_PREFIX = hexDecode("302e0201010420");

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
