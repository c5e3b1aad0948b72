import { createRequire } from "node:module";
import { type HashAlgorithm, invariant, P8eError } from "@p8e/core";
import type { CurveBackend } from "./curve-backend.ts";
import { deterministicNonces } from "./deterministic-nonce.ts";
import { heapMemory, SecretScope, systemRandom } from "./secret-memory.ts";

type Binding = typeof import("secp256k1");

/** libsecp256k1 through its Node binding. Scalar arithmetic is constant time. */
class NativeBackend implements CurveBackend {
  readonly name = "native";
  readonly constantTime = true;
  readonly #binding: Binding;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  decodePoint(encoded: Uint8Array): Uint8Array | undefined {
    try {
      return this.#binding.publicKeyConvert(encoded, false);
    } catch {
      return undefined;
    }
  }

  pointOf(scalar: Uint8Array): Uint8Array {
    return this.#binding.publicKeyCreate(scalar, false);
  }

  sharedSecret(scalar: Uint8Array, point: Uint8Array): Uint8Array {
    using secrets = new SecretScope(heapMemory);
    const [xbuf, ybuf] = [secrets.allocate(32), secrets.allocate(32)];
    // Without a function of ours it would be the SHA-256 of the compressed point.
    return this.#binding.ecdh(point, scalar, { hashfn: (x) => x, xbuf, ybuf }, new Uint8Array(32));
  }

  sign(scalar: Uint8Array, algorithm: HashAlgorithm, digest: Uint8Array): Uint8Array {
    using secrets = new SecretScope(heapMemory);
    const nextNonce = deterministicNonces(algorithm, scalar, digest, secrets);
    let nonce: Uint8Array | undefined;
    const noncefn = (): Uint8Array => {
      nonce = nextNonce();
      return nonce;
    };
    const { signature, recid } = this.#binding.ecdsaSign(digest.subarray(0, 32), scalar, { noncefn });
    invariant(nonce !== undefined, "the binding signed without asking for a nonce");
    // The library lowers s, and the JVM's signer does not. The recovery id tells: it holds the parity of the nonce
    // point's Y, turned over when s was.
    const parity = this.#binding.publicKeyCreate(nonce, true)[0]! & 1;
    if ((recid & 1) !== parity) this.#binding.privateKeyNegate(signature.subarray(32));
    return signature;
  }

  verify(point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
    // The library accepts only the lower half of s.
    const lowered = this.#binding.signatureNormalize(signature.slice());
    return this.#binding.ecdsaVerify(lowered, digest.subarray(0, 32), point);
  }
}

// The binding itself is named: the package's own entry would fall back, silently, to slow JavaScript.
const BINDING = "secp256k1/bindings";

function load(): { readonly backend: CurveBackend } | { readonly failure: unknown } {
  try {
    const binding = createRequire(import.meta.url)(BINDING) as Binding;
    // Blinds the arithmetic on secret scalars against side channels.
    binding.contextRandomize(systemRandom(32));
    return { backend: new NativeBackend(binding) };
  } catch (failure) {
    return { failure };
  }
}

const loaded = load();

/** Undefined on machines for which there is no binary. */
export function nativeBackendIfAny(): CurveBackend | undefined {
  return "backend" in loaded ? loaded.backend : undefined;
}

/**
 * libsecp256k1: constant time, an order of magnitude faster than the portable back end.
 * @throws `environment.unsupported` when its binding does not load
 */
export function nativeBackend(): CurveBackend {
  if ("backend" in loaded) return loaded.backend;
  throw new P8eError("environment.unsupported", "libsecp256k1 has no binary for this machine", {
    cause: loaded.failure,
    hint: "The portable back end does the same, slower and not in constant time.",
  });
}
