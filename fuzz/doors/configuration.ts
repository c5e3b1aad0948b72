import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { networks, utf8Encode } from "@p8e/core";
import { parseStorageLocation } from "@p8e/object-store";
import { readServerTls } from "@p8e/rpc";
import { parseApprovalPolicy, parseIndexConfiguration } from "@p8e/sdk";
import { parseEnvironmentFile } from "../../packages/environment/src/environment-file.ts";
import { readPublicKeys } from "../../packages/keys/src/files/key-file-content.ts";
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

/** Files by which a person says how p8e is to be run: policies, indexes, environments, networks, stores, TLS, keys. */
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
    { seeds: [json(networks.local)], read: async (bytes) => readNetwork(await written("network.json", bytes)) },
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
      seeds: ["server-cert.pem", "server-key.pem", "authority.pem"].map((name) =>
        read(`../../packages/rpc/test/tls/${name}`),
      ),
      read: async (bytes) => {
        const cert = await written("tls.pem", bytes);
        await readServerTls({ cert, key: cert, clientAuthorities: cert });
      },
    },
    {
      seeds: [utf8Encode(`0A20${"0B".repeat(32)}1003\n`), json({ kind: "p8e-key", version: 1 })],
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
      ...["-----BEGIN PRIVATE KEY-----", "-----END CERTIFICATE-----", "local", "embedded", "grpc://127.0.0.1:1"],
    ],
    close: () => rm(folder, { recursive: true, force: true }),
  });
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
