import { createPublicKey } from "node:crypto";
import { inspect } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode, concatBytes, equalBytes, hexDecode, hexEncode, P8eError } from "@p8e/core";
import * as scope from "@p8e/proto/scope";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";

/** SubjectPublicKeyInfo in front of an uncompressed and of a compressed point, curve named by its OID. */
const SPKI_UNCOMPRESSED = hexDecode("3056301006072a8648ce3d020106052b8104000a034200");
const SPKI_COMPRESSED = hexDecode("3036301006072a8648ce3d020106052b8104000a032200");
/** A protobuf whose field 1 has 65 bytes: the key messages of SDK and store alike. */
const PROTO_PREFIX = Uint8Array.of(0x0a, 65);

/** A point on secp256k1, checked when it was parsed. Only the functions of this file make one. */
export class PublicKey {
  readonly #point: Uint8Array;

  /** @internal */
  constructor(point: Uint8Array) {
    this.#point = point;
  }

  /** 65 bytes: `04`, X, Y. What messages and store requests carry. */
  get uncompressed(): Uint8Array {
    return this.#point.slice();
  }

  /** 33 bytes: what accounts and chain transactions are made from. */
  get compressed(): Uint8Array {
    return concatBytes(Uint8Array.of(2 + (this.#point[64]! & 1)), this.#point.subarray(1, 33));
  }

  /** The 88 characters by which audience and store know the key. */
  get base64(): string {
    return base64Encode(this.#point);
  }

  /** SubjectPublicKeyInfo, 88 bytes of DER. */
  get spki(): Uint8Array {
    return concatBytes(SPKI_UNCOMPRESSED, this.#point);
  }

  /** 174 characters, `\n` after each line: some readers compare this text. */
  get pem(): string {
    const lines = base64Encode(this.spki).match(/.{1,64}/g)!;
    return `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
  }

  /** `0A41` and the point, upper case: how configurations and logs name a key. */
  get protoHex(): string {
    return hexEncode(concatBytes(PROTO_PREFIX, this.#point)).toUpperCase();
  }

  equals(other: PublicKey): boolean {
    return equalBytes(this.#point, other.#point);
  }

  toString(): string {
    return this.base64;
  }

  toJSON(): string {
    return this.base64;
  }

  [inspect.custom](): string {
    return `PublicKey(${this.base64})`;
  }
}

/**
 * A point of 33 or 65 bytes. Hybrid encodings (`06`, `07`) are refused.
 * @throws `key.invalid`
 */
export function parsePublicKey(bytes: Uint8Array, backend: CurveBackend = defaultBackend()): PublicKey {
  const expected = bytes[0] === 4 ? 65 : bytes[0] === 2 || bytes[0] === 3 ? 33 : 0;
  const point = bytes.length === expected ? backend.decodePoint(bytes) : undefined;
  if (point === undefined) {
    throw new P8eError("key.invalid", "not a point on secp256k1 in compressed or uncompressed form", {
      facts: { length: bytes.length },
    });
  }
  return new PublicKey(point);
}

/**
 * Standard base64 of a point.
 * @throws `key.invalid`
 */
export function publicKeyFromBase64(text: string, backend: CurveBackend = defaultBackend()): PublicKey {
  return parsePublicKey(
    asKey(() => base64Decode(text, "public key")),
    backend,
  );
}

/**
 * DER with the named curve.
 * @throws `key.invalid`, `key.unsupported_curve`
 */
export function publicKeyFromSpki(der: Uint8Array, backend: CurveBackend = defaultBackend()): PublicKey {
  for (const [prefix, pointLength] of [
    [SPKI_UNCOMPRESSED, 65],
    [SPKI_COMPRESSED, 33],
  ] as const) {
    const point = der.subarray(prefix.length);
    if (point.length === pointLength && equalBytes(der.subarray(0, prefix.length), prefix)) {
      return parsePublicKey(point, backend);
    }
  }
  throw notOurs(der);
}

/** Longer than any public key's PEM that could be meant for us. */
const PEM_MAX = 8192;
const PEM =
  /^-----BEGIN PUBLIC KEY-----\r?\n((?:[A-Za-z0-9+/]{1,76}={0,2}\r?\n){1,200})-----END PUBLIC KEY-----(?:\r?\n)?$/;

/**
 * Lines may end in `\n` or `\r\n`: JVMs on Windows write the latter.
 * @throws `key.invalid`, `key.unsupported_curve`
 */
export function publicKeyFromPem(pem: string, backend: CurveBackend = defaultBackend()): PublicKey {
  const body = pem.length <= PEM_MAX ? PEM.exec(pem)?.[1] : undefined;
  if (body === undefined) throw new P8eError("key.invalid", "not the PEM text of a public key");
  return publicKeyFromSpki(
    asKey(() => base64Decode(body.replace(/[\r\n]/g, ""), "PEM")),
    backend,
  );
}

/**
 * Hex, in either case, of a protobuf key message.
 * @throws `key.invalid`, `key.unsupported_curve`
 */
export function publicKeyFromProtoHex(text: string, backend: CurveBackend = defaultBackend()): PublicKey {
  const message = asKey(() => fromBinary(scope.PublicKeySchema, hexDecode(text, "public key")));
  requireSecp256k1(message);
  return parsePublicKey(message.publicKeyBytes, backend);
}

/** The message form, field 1 only as every writer has it. */
export function publicKeyFromMessage(message: scope.PublicKey, backend: CurveBackend = defaultBackend()): PublicKey {
  requireSecp256k1(message);
  return parsePublicKey(message.publicKeyBytes, backend);
}

/** @throws `key.unsupported_curve` for a key message that names another type or curve */
export function requireSecp256k1(message: { readonly type: number; readonly curve: number }): void {
  if (message.type !== scope.KeyType.ELLIPTIC || message.curve !== scope.KeyCurve.SECP256K1) {
    throw new P8eError("key.unsupported_curve", "keys are points on secp256k1; this message names another curve", {
      facts: { type: message.type, curve: message.curve },
    });
  }
}

function notOurs(der: Uint8Array): P8eError {
  let curve: string | undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
    curve = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
  } catch {
    // no key at all
  }
  if (curve === undefined || curve === "secp256k1") {
    return new P8eError("key.invalid", "not the DER form of a secp256k1 public key");
  }
  return new P8eError("key.unsupported_curve", `keys are points on secp256k1, not ${curve}`, { facts: { curve } });
}

function asKey<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new P8eError("key.invalid", "the public key's text does not decode", { cause });
  }
}
