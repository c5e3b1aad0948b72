import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hexEncode, type RandomBytes, utf8Encode } from "@p8e/core";
import {
  type CurveBackend,
  decryptPrivateKeys,
  encryptPrivateKeys,
  type KeyReference,
  nativeBackend,
  openContainer,
  reshareHeader,
  type SecretMemory,
  sealBytes,
  sealObject,
  verifyContainer,
} from "@p8e/crypto";
import { parseContainer, rewriteSignatures } from "@p8e/envelope";
import { SecretScope } from "../src/secret-memory.ts";
import { chunked, codeOf, collect, developmentKey, flipBit, reference, seededRandom } from "./fixtures.ts";

const [one, two, three] = [reference("dev-1"), reference("dev-2"), reference("dev-3")];
const source = utf8Encode("content");

/** Remembers every buffer that it is asked for or shown. */
class Watch implements SecretMemory {
  readonly buffers: Uint8Array[] = [];

  allocate(length: number): Uint8Array {
    return this.see(new Uint8Array(length));
  }

  see(bytes: Uint8Array): Uint8Array {
    this.buffers.push(bytes);
    return bytes;
  }

  /** The generator's own buffers hold the data key and ephemeral scalars. Public ones (IVs, uuids) are not watched. */
  random(seed: string): RandomBytes {
    const random = seededRandom(seed);
    return (length) => (length === 32 ? this.see(random(length)) : random(length));
  }

  backend(): CurveBackend {
    const native = nativeBackend();
    return {
      name: "native",
      constantTime: true,
      decodePoint: (encoded) => native.decodePoint(encoded),
      pointOf: (scalar) => native.pointOf(scalar),
      sharedSecret: (scalar, point) => this.see(native.sharedSecret(scalar, point)),
      sign: (scalar, algorithm, digest) => native.sign(scalar, algorithm, digest),
      verify: (point, digest, signature) => native.verify(point, digest, signature),
    };
  }

  key(key: KeyReference): KeyReference {
    return { ...key, sharedSecret: async (peer) => this.see(await key.sharedSecret(peer)) };
  }

  /** Lengths of what was seen, after making sure that all of it is zero now. */
  lengths(): readonly number[] {
    for (const bytes of this.buffers) assert.equal(hexEncode(bytes), "00".repeat(bytes.length));
    return this.buffers.map(({ length }) => length).sort((left, right) => left - right);
  }
}

const DATA_KEY = 32;
const SHARED = 32;
const SCALAR = 32;
const TEXT = 44;
const DERIVED = 64;

/** The data key and a scalar come from the generator and move into watched memory. */
const sealedOnce = [SCALAR, SHARED, SHARED, TEXT, DERIVED];
const openedOnce = [SHARED, SHARED, DERIVED, TEXT, DATA_KEY];
const ascending = (...lists: readonly (readonly number[])[]): readonly number[] =>
  lists.flat().sort((left, right) => left - right);

async function sample(mail = false) {
  const options = { source, owner: one.publicKey, audience: [two.publicKey], signer: one };
  const sealed = await sealBytes(mail ? { ...options, mailType: "FRAGMENT_REQUEST" } : options);
  const signature = { signature: sealed.seal.signature, publicKey: utf8Encode(one.publicKey.pem) };
  const header = parseContainer(rewriteSignatures(parseContainer(sealed.header).header, signature)).header;
  return { header, payload: sealed.payload };
}

describe("the buffers that held data key, shared secrets and derived keys", () => {
  it("are zero after sealing bytes", async () => {
    const watch = new Watch();
    const means = { memory: watch, random: watch.random("seal"), backend: watch.backend() };
    await sealBytes({ source, owner: one.publicKey, audience: [two.publicKey], signer: one, ...means });
    assert.deepEqual(watch.lengths(), ascending([DATA_KEY, DATA_KEY], sealedOnce, sealedOnce));
  });

  it("are zero before the first byte of a stream is sealed", () => {
    const watch = new Watch();
    const means = { memory: watch, random: watch.random("seal"), backend: watch.backend() };
    sealObject({ source, owner: one.publicKey, audience: [], signer: one, ...means });
    assert.deepEqual(watch.lengths(), ascending([DATA_KEY, DATA_KEY], sealedOnce));
  });

  it("are zero after opening, also when it fails", async () => {
    const container = await sample();
    for (const [payload, code] of [
      [container.payload, "ok"],
      [flipBit(container.payload, 300), "envelope.tampered"],
    ] as const) {
      const watch = new Watch();
      const options = { header: container.header, payload, key: watch.key(two), memory: watch };
      assert.equal(await codeOf(() => openContainer(options)), code);
      assert.deepEqual(watch.lengths(), ascending(openedOnce));
    }
  });

  it("are zero while a verified stream is read", async () => {
    const { header, payload } = await sample();
    const watch = new Watch();
    const options = { header, payload: () => chunked(payload, 5), key: watch.key(one), memory: watch };
    using verified = await verifyContainer(options);
    assert.deepEqual(watch.lengths(), ascending(openedOnce));
    assert.deepEqual(await collect(verified.read()), source);
  });

  it("are zero after sharing again", async () => {
    const { header } = await sample();
    const watch = new Watch();
    const means = { memory: watch, random: watch.random("seal"), backend: watch.backend() };
    await reshareHeader({ header, key: watch.key(two), audience: [three.publicKey], ...means });
    assert.deepEqual(watch.lengths(), ascending(openedOnce, sealedOnce, sealedOnce));
  });

  it("are zero after a key file was written or read, for the passphrase too", async () => {
    const watch = new Watch();
    const cost = { logN: 14, r: 8, p: 1 };
    const random = seededRandom("key file");
    const keys = { signing: developmentKey("dev-1"), encryption: developmentKey("dev-2") };
    const text = await encryptPrivateKeys(keys, "passphrase", { random, cost, memory: watch });
    await decryptPrivateKeys(text, "passphrase", { memory: watch });
    const written = ["passphrase".length, 32, 2 * SCALAR];
    assert.deepEqual(watch.lengths(), ascending(written, written));
  });
});

describe("a secret scope", () => {
  it("wipes what it adopted at once where it came from, and its own copy at its end", () => {
    const foreign = Uint8Array.of(1, 2, 3);
    let own: Uint8Array;
    {
      using secrets = new SecretScope({ allocate: (length) => new Uint8Array(length) });
      own = secrets.adopt(foreign);
      assert.deepEqual(own, Uint8Array.of(1, 2, 3));
      assert.deepEqual(foreign, new Uint8Array(3));
    }
    assert.deepEqual(own, new Uint8Array(3));
  });
});
