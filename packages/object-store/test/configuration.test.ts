import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isP8eError } from "@p8e/core";
import { parseStorageLocation, parseStoreConfiguration, storageLocationText } from "@p8e/object-store";

/** What the reference server requires, as its compose files set it. */
const required = {
  OS_URL: "0.0.0.0",
  OS_PORT: "8080",
  URI_HOST: "store.example",
  DB_HOST: "postgres",
  DB_PORT: "5432",
  DB_USER: "postgres",
  DB_PASS: "p/a:s s",
  DB_NAME: "object-store",
  DB_SCHEMA: "public",
  STORAGE_TYPE: "FILE_SYSTEM",
  STORAGE_BASE_PATH: "/mnt/data",
  TRACE_HEADER: "X-Trace-Id",
};

function problems(environment: Readonly<Record<string, string | undefined>>): string {
  try {
    parseStoreConfiguration(environment);
  } catch (error) {
    if (!isP8eError(error)) throw error;
    assert.equal(error.code, "configuration.invalid");
    return error.message;
  }
  return "";
}

describe("a store's configuration", () => {
  it("takes the reference's variables and gives the others its defaults", () => {
    const configuration = parseStoreConfiguration(required);
    assert.deepEqual(configuration.listen, { host: "0.0.0.0", port: 8080 });
    assert.deepEqual(configuration.database, {
      host: "postgres",
      port: 5432,
      user: "postgres",
      password: "p/a:s s",
      name: "object-store",
      schema: "public",
      poolSize: 10,
      tls: { mode: "prefer" },
      applicationName: "p8e-object-store",
      options: "",
    });
    assert.deepEqual(configuration.storage, {
      location: { kind: "files", basePath: "/mnt/data" },
      thresholdBytes: 5000,
      healthCheck: false,
      googleKeyFile: undefined,
    });
    assert.deepEqual(configuration.replication, {
      enabled: false,
      claimSize: 10,
      keyRefreshMs: 300_000,
      pollMs: 1000,
      reapMs: 3_600_000,
      peerBackoffMinMs: 1000,
      peerBackoffMaxMs: 1000,
    });
    assert.equal(configuration.traceHeader, "x-trace-id");
    assert.equal(configuration.healthServiceEnabled, true);
    assert.equal(configuration.userAuthEnabled, false);
    assert.equal(configuration.limits.databaseObjectBytesMax, 4 * 1024 * 1024);
    assert.deepEqual(configuration.warnings, [
      "the store listens on 0.0.0.0 without TLS and without credentials: whoever reaches it can put, get and register keys",
    ]);
  });

  it("refuses some but not all of the DB_ variables, and names the missing ones", () => {
    const { DB_PASS: _pass, DB_SCHEMA: _schema, ...rest } = required;
    assert.equal(problems(rest), "of the DB_ variables, DB_PASS, DB_SCHEMA are not set");
    assert.equal(
      problems({}),
      "of the DB_ variables, DB_HOST, DB_PORT, DB_USER, DB_PASS, DB_NAME, DB_SCHEMA are not set",
    );
  });

  it("requires the others once there is a database server, and reports all that is missing at once", () => {
    const { OS_URL: _url, TRACE_HEADER: _trace, ...rest } = required;
    assert.equal(problems(rest), "OS_URL is not set; TRACE_HEADER is not set");
  });

  for (const [name, value, problem] of [
    ["OS_URL", "localhost", "OS_URL must be an IP address (IPv6 in brackets)"],
    ["OS_URL", "::1", "OS_URL must be an IP address (IPv6 in brackets)"],
    ["OS_PORT", "65536", "OS_PORT must be a whole number from 0 to 65535"],
    ["OS_PORT", "80a", "OS_PORT must be a whole number from 0 to 65535"],
    ["REPLICATION_ENABLED", "yes", "REPLICATION_ENABLED must be true or false"],
    ["REPLICATION_BATCH_SIZE", "-1", "REPLICATION_BATCH_SIZE must be a whole number from 1 to 10000"],
    ["STORAGE_TYPE", "tape", "STORAGE_TYPE must be file_system, s3 or google_cloud"],
    [
      "STORAGE_TYPE",
      "google_cloud",
      "STORAGE_BASE_PATH is refused: the storage must name a bucket: small letters, digits, dots, dashes, at least three",
    ],
    [
      "P8E_STORE_STORAGE",
      "objects",
      "P8E_STORE_STORAGE is refused: the storage must be an absolute path, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX",
    ],
    ["PGSSLMODE", "maybe", "PGSSLMODE must be one of disable, allow, prefer, require, verify-ca, verify-full"],
  ] as const) {
    it(`refuses ${name}=${value}`, () => {
      assert.equal(problems({ ...required, [name]: value }), problem);
    });
  }

  it("takes a bucket in the reference's variables, and one of S3 beside it", () => {
    const named = { ...required, STORAGE_BASE_PATH: "loans" };
    const locationOf = (env: Record<string, string>) => parseStoreConfiguration({ ...named, ...env }).storage.location;
    assert.deepEqual(locationOf({ STORAGE_TYPE: "GOOGLE_CLOUD" }), parseStorageLocation("gs://loans"));
    assert.deepEqual(
      locationOf({ STORAGE_TYPE: "s3", STORAGE_BASE_URL: "http://127.0.0.1:9000/" }),
      parseStorageLocation("s3://loans?endpoint=http://127.0.0.1:9000"),
    );
  });

  it("takes everything about a storage from one variable, which then is all it needs", () => {
    const { STORAGE_TYPE: _type, STORAGE_BASE_PATH: _path, ...rest } = required;
    const text = "s3://loans/lender?region=eu-central-1&encryption=aws%3Akms&kmsKey=alias%2Floans";
    const { location } = parseStoreConfiguration({ ...rest, P8E_STORE_STORAGE: text }).storage;
    assert.deepEqual(location, {
      kind: "s3",
      bucket: "loans",
      prefix: "lender/",
      endpoint: undefined,
      region: "eu-central-1",
      pathStyle: false,
      encryption: "aws:kms",
      kmsKey: "alias/loans",
    });
    assert.equal(storageLocationText(location), text);
  });

  for (const text of [
    "s3://",
    "s3://user:secret@loans",
    "s3://loans?credentials=x",
    "s3://loans?endpoint=ftp://host",
    "s3://loans?kmsKey=x",
    "s3://loans?pathStyle=perhaps",
    "gs://loans?region=x",
    "http://loans",
    "objects",
  ]) {
    it(`refuses ${text} as a storage`, () => {
      assert.throws(() => parseStorageLocation(text), { code: "configuration.invalid" });
    });
  }

  it("never repeats a value in a message", () => {
    assert.doesNotMatch(problems({ ...required, OS_PORT: "hunter2" }), /hunter2/);
  });

  it("takes IPv6 in brackets", () => {
    assert.equal(parseStoreConfiguration({ ...required, OS_URL: "[::1]" }).listen.host, "::1");
  });

  it("backs off from peers as the reference does once one of its variables is set", () => {
    const minimum = parseStoreConfiguration({ ...required, BACKOFF_MIN_WAIT: "5" }).replication;
    assert.deepEqual([minimum.peerBackoffMinMs, minimum.peerBackoffMaxMs], [5000, 1_920_000]);
    const maximum = parseStoreConfiguration({ ...required, BACKOFF_MAX_WAIT: "60" }).replication;
    assert.deepEqual([maximum.peerBackoffMinMs, maximum.peerBackoffMaxMs], [30_000, 60_000]);
  });

  it("parses Datadog's variables, and warns that they have no effect", () => {
    const environment = { ...required, DD_AGENT_ENABLED: "true", DD_ENV: "test", DD_AGENT_HOST: "10.0.0.1" };
    assert.match(parseStoreConfiguration(environment).warnings.join(), /Datadog/);
    assert.equal(problems({ ...required, DD_AGENT_ENABLED: "true" }), "DD_ENV is not set");
    assert.equal(problems({ ...environment, DD_AGENT_HOST: "agent" }), "DD_AGENT_HOST must be an IP address");
  });

  for (const [filter, level] of [
    [undefined, "info"],
    ["warn", "warn"],
    ["warn,object_store=debug", "debug"],
    ["object_store::replication=trace", "trace"],
    ["hyper=debug", "error"],
    ["off", undefined],
  ] as const) {
    it(`reads RUST_LOG ${filter ?? "unset"} as ${level ?? "silence"}`, () => {
      assert.equal(parseStoreConfiguration({ ...required, RUST_LOG: filter }).logLevel, level);
    });
  }
});
