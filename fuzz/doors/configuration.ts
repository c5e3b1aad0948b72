import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64Encode, concatBytes, utf8Encode } from "@p8e/core";
import { generatePrivateKey } from "@p8e/crypto";
import { readVariables } from "@p8e/machine";
import { parseStorageLocation, parseStoreConfiguration } from "@p8e/object-store";
import { readServerTls } from "@p8e/rpc";
import { parseApprovalPolicy, parseIndexConfiguration } from "@p8e/sdk";
import { parseEnvironmentFile } from "../../packages/environment/src/environment-file.ts";
import { plainKeyFile, readPublicKeys } from "../../packages/keys/src/files/key-file-content.ts";
import { readNetwork } from "../../packages/party/src/profile/profile-file.ts";
import { readStoreFile, STORE_FILE } from "../../packages/party/src/store-file.ts";
import type { Door } from "../door.ts";
import { type DoorReader, readersDoor } from "../readers-door.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const json = (value: unknown) => utf8Encode(JSON.stringify(value));

const { address, signingKey, encryptionKey } = JSON.parse(
  (JSON.parse(text(read("../../vectors/party-card.json"))) as { vectors: { card: string }[] }).vectors[0]!.card,
) as Record<string, string>;

/** Files by which a person says how p8e is to be run: policies, indexes, environments, networks, stores and their variables, TLS, keys. */
export async function openDoor(): Promise<Door> {
  const folder = await mkdtemp(join(tmpdir(), "p8e-fuzz-configuration-"));
  const written = async (name: string, bytes: Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, bytes, { mode: 0o600 });
    return path;
  };
  const readers: readonly DoorReader[] = [
    { seeds: [json(policy())], read: parseApprovalPolicy },
    {
      seeds: [json({ format: 1, unsaid: "indexed", personalData: ["example.Loan.borrower", "example.Person"] })],
      read: (bytes) => parseIndexConfiguration(bytes, { what: "the configuration" }),
    },
    { seeds: [json(environment())], read: (bytes) => parseEnvironmentFile(text(bytes), "environment.json") },
    { seeds: [json(network())], read: async (bytes) => readNetwork(await written("network.json", bytes)) },
    {
      seeds: [json(store())],
      read: async (bytes) => {
        await written(STORE_FILE, bytes);
        await readStoreFile(folder);
      },
    },
    {
      seeds: [
        "s3://a-bucket/some/prefix?endpoint=http://127.0.0.1:9000&region=eu-west-1&pathStyle=true&encryption=aws:kms&kmsKey=k",
        "gs://a-bucket/prefix?endpoint=http://127.0.0.1:4443&kmsKey=projects/p",
        "/var/lib/p8e",
      ].map(utf8Encode),
      read: (bytes) => parseStorageLocation(text(bytes)),
    },
    {
      seeds: [utf8Encode(STORE_VARIABLES)],
      read: async (bytes) => {
        const file = await written("store.env", bytes);
        parseStoreConfiguration(await readVariables({ env: {}, file, secrets: ["DB_PASS"] }));
      },
    },
    {
      seeds: [concatBytes(pem("server-cert.pem"), pem("server-key.pem")), pem("authority.pem")],
      read: async (bytes) => {
        const cert = await written("tls.pem", bytes);
        await readServerTls({ cert, key: cert, clientAuthorities: cert });
      },
    },
    {
      seeds: [plainKeyFile({ signing: key, encryption: key }), json(sealedKey())],
      read: readPublicKeys,
    },
  ];
  return readersDoor(readers, {
    bytesMax: 1024 * 1024 + 1000,
    words: [
      ...[
        "format",
        "rules",
        "name",
        "contract",
        "invokers",
        "limits",
        "perDay",
        "fee",
        "network",
        "parties",
        "storage",
      ],
      ...["database", "schema", "s3://", "gs://", "?endpoint=", "&kmsKey=", "%2e", "..", "-----BEGIN CERTIFICATE-----"],
      ...[
        "-----BEGIN PRIVATE KEY-----",
        "-----END CERTIFICATE-----",
        "local",
        "embedded",
        "grpc://127.0.0.1:1",
        "DB_PASS_FILE=",
        "P8E_STORE_",
        "STORAGE_TYPE=google_cloud",
      ],
    ],
    close: () => rm(folder, { recursive: true, force: true }),
  });
}

const STORE_VARIABLES = `OS_URL=127.0.0.1
OS_PORT=8080
URI_HOST=127.0.0.1
TRACE_HEADER=x-trace
DB_HOST=127.0.0.1
DB_PORT=5432
DB_USER="a user"
DB_PASS='a # password'
DB_NAME=store
DB_SCHEMA=public
DB_CONNECTION_POOL_SIZE=2
STORAGE_TYPE=file_system
STORAGE_BASE_PATH=/var/lib/p8e
STORAGE_THRESHOLD=5000
`;

const pem = (name: string) => read(`../../packages/rpc/test/tls/${name}`);
const key = generatePrivateKey((length) => new Uint8Array(length).fill(7));

/** Nobody knows what is in it. */
function sealedKey() {
  const publicKey = base64Encode(key.publicKey().uncompressed);
  const bytes = (length: number) => base64Encode(new Uint8Array(length).fill(1));
  return {
    ...{ kind: "p8e private key", version: 1, publicKey },
    kdf: { name: "scrypt", logN: 17, r: 8, p: 1, salt: bytes(16) },
    cipher: { name: "aes-256-gcm", iv: bytes(12) },
    sealed: bytes(48),
  };
}

function network() {
  const endpoint = { url: "grpc://127.0.0.1:9090" };
  return { format: 1, name: "partners", chainId: "partners-7", accountPrefix: "tp", coinType: 1, endpoint };
}

function policy() {
  return {
    format: 1,
    rules: [
      {
        name: "greetings",
        contract: "AAECAwQFBgcICQoLDA0ODw==",
        invokers: [address],
        scopeSpecification: "scopespec1qj5hx4l3vgryhp5g5ks68wh53jkq3net7n",
        limits: { messages: 3, hours: 24, perDay: 10, fee: "1000000000" },
        newScopes: true,
        readers: [address],
      },
    ],
  };
}

function environment() {
  return {
    format: 2,
    network: "local",
    ledger: "embedded",
    ledgerUrl: "grpc://127.0.0.1:9090",
    parties: [
      { name: "lender", title: "A lender", address, signingKey, encryptionKey, storeUrl: "grpc://127.0.0.1:8080" },
    ],
  };
}

function store() {
  const database = { host: "127.0.0.1", port: 5432, name: "n", user: "u", password: "p", schema: "public" };
  return { format: 1, database, storagePath: "objects", storage: "s3://a-bucket/p" };
}
