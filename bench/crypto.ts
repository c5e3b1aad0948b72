// What sealing and opening cost: for each reader on every back end, and for each byte against bare OpenSSL.
// All rows of a table come from the same run; each figure is a median, with the least and the most beside it.
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import process from "node:process";
import { sha512, utf8Encode } from "@p8e/core";
import {
  type CurveBackend,
  generatePrivateKey,
  localKey,
  nativeBackend,
  openContainer,
  openCryptogram,
  type PublicKey,
  portableBackend,
  privateKeyToPkcs8,
  sealBytes,
  sealCryptogram,
  sealObject,
  signDigest,
  systemRandom,
  verifyContainer,
  verifyDigest,
} from "@p8e/crypto";
import { parseContainer, rewriteSignatures } from "@p8e/envelope";

const ROUNDS = 7;
const MEBIBYTE = 2 ** 20;

/** Medians over rounds of `perRound` calls, in microseconds per call. */
async function microseconds(perRound: number, action: () => unknown): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let call = 0; call < perRound; call++) await action();
    if (round >= 0) samples.push(Number(process.hrtime.bigint() - start) / 1000 / perRound);
  }
  return samples.sort((left, right) => left - right);
}

function row(name: string, samples: readonly number[], unit: string): void {
  const [median, least, most] = [samples[samples.length >> 1]!, samples[0]!, samples.at(-1)!];
  const digits = median < 100 ? 1 : 0;
  const spread = `${least.toFixed(digits)} to ${most.toFixed(digits)}`;
  console.log(`  ${name.padEnd(46)}${median.toFixed(digits).padStart(8)} ${unit}   (${spread})`);
}

async function time(name: string, perRound: number, action: () => unknown): Promise<void> {
  row(name, await microseconds(perRound, action), "us");
}

/** ECIES as anybody would write it with node:crypto alone: the yardstick, on its generic-curve code. */
function nodeSeal(recipient: Uint8Array, secret: Uint8Array): Uint8Array[] {
  const ephemeral = createECDH("secp256k1");
  const point = ephemeral.generateKeys();
  const derived = new Uint8Array(hkdfSync("sha256", ephemeral.computeSecret(recipient), "", "", 64));
  return [
    point,
    nodeGcm(derived.subarray(0, 32), new Uint8Array(12), derived.subarray(32)),
    nodeGcm(derived.subarray(0, 32), randomBytes(12), secret),
  ];
}

function nodeGcm(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function nodeOpen(scalar: Uint8Array, [point, tag, data]: readonly Uint8Array[]): Uint8Array {
  const own = createECDH("secp256k1");
  own.setPrivateKey(scalar);
  const derived = new Uint8Array(hkdfSync("sha256", own.computeSecret(point!), "", "", 64));
  nodeGcm(derived.subarray(0, 32), new Uint8Array(12), derived.subarray(32)).equals(tag!);
  const decipher = createDecipheriv("aes-256-gcm", derived.subarray(0, 32), data!.subarray(0, 12), {
    authTagLength: 16,
  });
  decipher.setAuthTag(data!.subarray(-16));
  return Buffer.concat([decipher.update(data!.subarray(12, -16)), decipher.final()]);
}

async function perReader(): Promise<void> {
  console.log("\none reader's share: a data key sealed, opened (us each)");
  const secret = randomBytes(44);
  const privateKey = generatePrivateKey(systemRandom);
  for (const backend of [nativeBackend(), portableBackend()]) {
    const key = localKey(privateKey, backend);
    const calls = backend.name === "native" ? 300 : 15;
    const seal = () => sealCryptogram(key.publicKey, secret, { random: systemRandom, backend });
    const sealed = seal();
    await time(`${backend.name}: seal`, calls, seal);
    await time(`${backend.name}: open`, calls, () => openCryptogram(key, sealed, { backend }));
  }
  const recipient = privateKey.publicKey().uncompressed;
  const sealed = nodeSeal(recipient, secret);
  await time("node:crypto alone: seal", 50, () => nodeSeal(recipient, secret));
  await time("node:crypto alone: open", 50, () => privateKey.use((scalar) => nodeOpen(scalar, sealed)));
}

async function signatures(): Promise<void> {
  console.log("\nsignatures over a SHA-512 digest, RFC 6979 nonces, checked by the signer (us each)");
  const privateKey = generatePrivateKey(systemRandom);
  const message = randomBytes(64);
  const digest = sha512(message);
  for (const backend of [nativeBackend(), portableBackend()]) {
    const key = localKey(privateKey, backend);
    const calls = backend.name === "native" ? 300 : 15;
    const signature = await key.signDigest("sha512", digest);
    await time(`${backend.name}: sign`, calls, () => key.signDigest("sha512", digest));
    await time(`${backend.name}: sign and check`, calls, () => signDigest(key, "sha512", digest, backend));
    await time(`${backend.name}: verify`, calls, () => verifyDigest(key.publicKey, digest, signature, backend));
  }
  const pkcs8 = Buffer.from(privateKeyToPkcs8(privateKey));
  const nodePrivate = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const nodePublic = createPublicKey(privateKey.publicKey().pem);
  const signature = sign("sha512", message, nodePrivate);
  await time("node:crypto alone: sign (random nonce)", 50, () => sign("sha512", message, nodePrivate));
  await time("node:crypto alone: verify", 50, () => verify("sha512", message, nodePublic, signature));
}

async function smallObjects(): Promise<void> {
  console.log("\nwhole objects of 1 KiB, header and signature included (us each)");
  const source = randomBytes(1024);
  const signer = localKey(generatePrivateKey(systemRandom));
  const others = Array.from({ length: 100 }, () => generatePrivateKey(systemRandom).publicKey());
  const sealFor = (audience: readonly PublicKey[], backend: CurveBackend) =>
    sealBytes({ source, owner: signer.publicKey, audience, signer: localKeyOn(backend), backend });
  const privateKey = generatePrivateKey(systemRandom);
  const localKeyOn = (backend: CurveBackend) => localKey(privateKey, backend);
  for (const [readers, calls] of [
    [1, 150],
    [10, 30],
    [100, 4],
  ] as const) {
    // biome-ignore format: a table
    const audience = others.slice(0, readers - 1);
    await time(`native: seal for ${readers}`, calls, () => sealFor(audience, nativeBackend()));
  }
  await time("portable: seal for 1", 5, () => sealFor([], portableBackend()));
  const sealed = await sealBytes({ source, owner: signer.publicKey, audience: others.slice(0, 9), signer });
  const header = storedHeader(sealed.header, sealed.seal.signature, signer.publicKey);
  const options = { header, payload: sealed.payload, key: signer, expectedHash: sealed.seal.hash };
  await time("native: open", 150, () => openContainer(options));
}

function storedHeader(upload: Uint8Array, signature: Uint8Array, signer: PublicKey) {
  const entry = { signature, publicKey: utf8Encode(signer.pem) };
  return parseContainer(rewriteSignatures(parseContainer(upload).header, entry)).header;
}

async function streaming(): Promise<void> {
  const megabytes = 64;
  console.log(`\nstreams of ${megabytes} MiB in chunks of 1 MiB (MB/s)`);
  const chunk = randomBytes(MEBIBYTE);
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < megabytes; index++) yield chunk;
  }
  const rate = async (name: string, action: () => unknown): Promise<void> => {
    const samples = await microseconds(1, action);
    row(
      name,
      samples.map((each) => (megabytes * MEBIBYTE) / each).sort((left, right) => left - right),
      "MB/s",
    );
  };
  const key = createSecretKey(randomBytes(32));
  const bare = (...hashes: readonly string[]) => {
    const cipher = createCipheriv("aes-256-gcm", key, randomBytes(12), { authTagLength: 16 });
    const digests = hashes.map((name) => createHash(name));
    for (let index = 0; index < megabytes; index++) {
      cipher.update(chunk);
      for (const digest of digests) digest.update(chunk);
    }
    cipher.final();
  };
  await rate("OpenSSL: AES-256-GCM", () => bare());
  await rate("OpenSSL: AES-256-GCM, SHA-512", () => bare("sha512"));
  await rate("OpenSSL: AES-256-GCM, SHA-512, SHA-256", () => bare("sha512", "sha256"));
  const signer = localKey(generatePrivateKey(systemRandom));
  const options = { owner: signer.publicKey, audience: [], signer };
  await rate("seal (both hashes, signature)", async () => {
    for await (const _ of sealObject({ ...options, source: source() }).payload);
  });
  await rate("seal, known by its SHA-512", async () => {
    const hashForm = { algorithm: "sha512", truncated: false } as const;
    for await (const _ of sealObject({ ...options, source: source(), hashForm }).payload);
  });
  const sealed = sealObject({ ...options, source: source() });
  const frames: Uint8Array[] = [];
  for await (const part of sealed.payload) frames.push(part);
  const { hash, signature } = await sealed.sealed;
  const header = storedHeader(sealed.header, signature, signer.publicKey);
  async function* payload(): AsyncGenerator<Uint8Array> {
    yield* frames;
  }
  const verified = { header, payload, key: signer, expectedHash: hash };
  await rate("open, pass one: tag, hash, signature", () => verifyContainer(verified));
  using container = await verifyContainer(verified);
  await rate("open, pass two: plaintext handed out", async () => {
    for await (const _ of container.read());
  });
}

console.log(`Node ${process.version}, OpenSSL ${process.versions.openssl}; median of ${ROUNDS} rounds (least to most)`);
await perReader();
await signatures();
await smallObjects();
await streaming();
