import { isIP } from "node:net";
import { P8eError } from "@p8e/core";
import { bucketOf, endpointOf, parseStorageLocation, type StorageLocation } from "./domain/storage-location.ts";
import { EnvironmentReader } from "./environment-reader.ts";
import { type Log, type LogLevel, logAtLeast } from "./log.ts";
import { type PeerAddressSettings, peerAddressRule } from "./peer-addresses.ts";

/** How a connection to PostgreSQL is protected, in the words of PGSSLMODE. */
export type TlsMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

/** A database on a PostgreSQL server that somebody runs. */
export interface ServerDatabase {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly name: string;
  /** Must exist; every connection's search_path. */
  readonly schema: string;
  /** Connections for requests; two more serve notifications and health. */
  readonly poolSize: number;
  readonly tls: { readonly mode: TlsMode; readonly rootCertificatePath?: string };
  readonly applicationName: string;
  /** PGOPTIONS, as libpq passes them. */
  readonly options: string;
}

/** How objects are passed on to other stores. */
export interface ReplicationConfiguration {
  readonly enabled: boolean;
  /** Queue rows read at once. */
  readonly claimSize: number;
  /** How old the key cache may become when no notification arrives. */
  readonly keyRefreshMs: number;
  /** How often the queue is looked at when nothing wakes the sender. */
  readonly pollMs: number;
  readonly reapMs: number;
  /** A PEM file of the authorities to trust in stores that are reached with TLS, instead of the system's. */
  readonly peerAuthorities?: string;
  /** How long a peer that cannot be reached is left alone: at first, and at most. */
  readonly peerBackoffMinMs: number;
  readonly peerBackoffMaxMs: number;
}

/** What a store takes at most, and keeps at most. */
export interface StoreLimits {
  /** Bytes of one stored object. */
  readonly objectBytesMax: number;
  /** Bytes of one object that lives in the database: mail, and whatever is not above the storage threshold. */
  readonly databaseObjectBytesMax: number;
  /** Bytes that all uploads together may hold in memory. */
  readonly memoryBudgetBytes: number;
  /** How long an unfinished upload's file is kept before it counts as left behind. */
  readonly orphanGraceMs: number;
}

/** PEM files of a store that speaks TLS; what they hold is followed while it serves. */
export interface StoreTlsFiles {
  /** Its certificate, followed by those between it and the authority. It is shown to other stores as well. */
  readonly cert: string;
  readonly key: string;
  /** With it, only clients whose certificate one of these authorities signed are let in. */
  readonly clientAuthorities?: string;
}

/** Everything about a store that its operator decides. */
export interface StoreConfiguration {
  readonly listen: { readonly host: string; readonly port: number };
  /** Without it the store speaks plaintext. */
  readonly tls?: StoreTlsFiles;
  readonly uriHost: string;
  readonly database: ServerDatabase;
  /** How long a start waits for a database that cannot be reached yet; 0: it does not. */
  readonly databaseWaitMs: number;
  readonly storage: {
    readonly location: StorageLocation;
    /** Stored bytes; strictly larger objects go to the storage. */
    readonly thresholdBytes: number;
    readonly healthCheck: boolean;
    /** JSON of a Google service account; otherwise credentials are found as Google's libraries do. */
    readonly googleKeyFile: string | undefined;
  };
  readonly replication: ReplicationConfiguration;
  /** How stored objects are looked at again; 0 bytes per second: not by themselves. */
  readonly scrub: { readonly bytesPerSecond: number; readonly roundMs: number };
  /** Where metrics and health are told over plain HTTP; absent: nowhere. */
  readonly admin?: { readonly host: string; readonly port: number };
  /** Absent: none is written. */
  readonly accessLog?: { readonly path: string; readonly fileBytesMax: number; readonly filesMax: number };
  /** To which addresses registered URLs may lead. */
  readonly peerAddresses: PeerAddressSettings;
  /** `header:value` that registering keys and changing the store's settings needs; absent: neither needs any. */
  readonly adminCredential?: string;
  /** Where other stores put and get, and nothing else is answered; absent: they come where clients do. */
  readonly partnerListen?: { readonly host: string; readonly port: number };
  readonly userAuthEnabled: boolean;
  readonly healthServiceEnabled: boolean;
  /** Turns maintenance on at start; false leaves it as it is. */
  readonly startInMaintenance: boolean;
  readonly traceHeader: string;
  readonly slowRequestSeconds: number;
  /** Undefined: say nothing. */
  readonly logLevel: LogLevel | undefined;
  readonly limits: StoreLimits;
  /** What the operator should know: settings that are understood but have no effect. */
  readonly warnings: readonly string[];
}

/** What names the database; all of them are needed. */
export const databaseVariables = ["DB_HOST", "DB_PORT", "DB_USER", "DB_PASS", "DB_NAME", "DB_SCHEMA"] as const;
/** Secrets among the variables: a server takes each also from the file that `NAME_FILE` names. */
export const secretVariables = [
  ...["DB_PASS", "P8E_STORE_ADMIN_CREDENTIAL"],
  // Read by the SDK of buckets itself, from the process's variables.
  ...["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
] as const;
const tlsModes: readonly TlsMode[] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/**
 * Reads the reference server's variables, and ours (`P8E_*`), once.
 * @throws `configuration.invalid` naming every variable that is missing or unreadable
 */
export function parseStoreConfiguration(env: Readonly<Record<string, string | undefined>>): StoreConfiguration {
  const read = new EnvironmentReader(env);
  const warnings: string[] = [];
  const missing = databaseVariables.filter((name) => env[name] === undefined);
  if (missing.length > 0) {
    throw new P8eError("configuration.invalid", `of the DB_ variables, ${missing.join(", ")} are not set`, {
      facts: { missing },
      hint: "Set all of them. `p8e store serve` with none of them brings a PostgreSQL of its own.",
    });
  }
  const poolSize = read.integer("DB_CONNECTION_POOL_SIZE", { fallback: 10, min: 1, max: 65_535 });
  const database = readServerDatabase(read, env, poolSize);

  const configuration: StoreConfiguration = {
    listen: {
      host: readListenAddress(read),
      port: read.integer("OS_PORT", { min: 0, max: 65_535 }),
    },
    ...readTls(read, env),
    uriHost: read.text("URI_HOST"),
    database,
    databaseWaitMs: read.integer("P8E_STORE_DATABASE_WAIT_SECONDS", { fallback: 60, min: 0, max: 86_400 }) * 1000,
    storage: {
      location: readStorageLocation(read, env, warnings),
      thresholdBytes: read.integer("STORAGE_THRESHOLD", { fallback: 5000, min: 0, max: Number.MAX_SAFE_INTEGER }),
      healthCheck: read.boolean("STORAGE_HEALTH_CHECK", false),
      googleKeyFile: env.SERVICE_ACCOUNT || undefined,
    },
    replication: readReplication(read, env),
    scrub: {
      bytesPerSecond: read.integer("P8E_STORE_SCRUB_BYTES_PER_SECOND", {
        fallback: 4 * 1024 ** 2,
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
      }),
      roundMs: read.integer("P8E_STORE_SCRUB_ROUND_SECONDS", { fallback: 7 * 86_400, min: 1, max: 315_360_000 }) * 1000,
    },
    ...readAdmin(read, env, warnings),
    ...readAdminCredential(read, env),
    ...readPartnerListen(read, env),
    peerAddresses: readPeerAddresses(read, env, listensHereAlone(env)),
    ...readAccessLog(read, env),
    userAuthEnabled: read.boolean("USER_AUTH_ENABLED", false),
    healthServiceEnabled: read.boolean("HEALTH_SERVICE_ENABLED", true),
    startInMaintenance: read.boolean("MAINTENANCE_STATE", false),
    traceHeader: read.text("TRACE_HEADER").toLowerCase(),
    slowRequestSeconds: read.integer("LOGGING_THRESHOLD_SECONDS", { fallback: 3, min: 0, max: 2_147_483_647 }),
    logLevel: readLogLevel(env.RUST_LOG),
    limits: {
      objectBytesMax: read.integer("P8E_STORE_MAX_OBJECT_BYTES", {
        fallback: 64 * 1024 ** 3,
        min: 1,
        max: Number.MAX_SAFE_INTEGER,
      }),
      databaseObjectBytesMax: read.integer("P8E_STORE_MAX_DATABASE_OBJECT_BYTES", {
        fallback: 4 * 1024 ** 2,
        min: 1,
        max: 1024 ** 3,
      }),
      memoryBudgetBytes: read.integer("P8E_STORE_MEMORY_BUDGET_BYTES", {
        fallback: 256 * 1024 ** 2,
        min: 1024 ** 2,
        max: Number.MAX_SAFE_INTEGER,
      }),
      orphanGraceMs: read.integer("P8E_STORE_ORPHAN_GRACE_SECONDS", { fallback: 3600, min: 1, max: 31_536_000 }) * 1000,
    },
    warnings,
  };
  readDatadog(read, warnings);
  read.finish();
  const exposure = exposureOf(env);
  if (exposure !== undefined) warnings.push(exposure);
  return configuration;
}

/** For what is logged beside the store: only what `RUST_LOG` asks for, as the store itself has it. */
export function logAsConfigured(env: Readonly<Record<string, string | undefined>>, log: Log): Log {
  return logAtLeast(readLogLevel(env.RUST_LOG), log);
}

function readServerDatabase(
  read: EnvironmentReader,
  env: Readonly<Record<string, string | undefined>>,
  poolSize: number,
): ServerDatabase {
  const mode = env.PGSSLMODE ?? "prefer";
  if (!tlsModes.includes(mode as TlsMode)) read.problem("PGSSLMODE", `must be one of ${tlsModes.join(", ")}`);
  return {
    host: read.text("DB_HOST"),
    port: read.integer("DB_PORT", { min: 1, max: 65_535 }),
    user: read.text("DB_USER"),
    password: read.text("DB_PASS"),
    name: read.text("DB_NAME"),
    schema: read.text("DB_SCHEMA"),
    poolSize,
    tls: {
      mode: mode as TlsMode,
      ...(env.PGSSLROOTCERT ? { rootCertificatePath: env.PGSSLROOTCERT } : {}),
    },
    applicationName: env.PGAPPNAME || "p8e-object-store",
    options: env.PGOPTIONS ?? "",
  };
}

/** `P8E_STORE_STORAGE` says all of it; otherwise the reference's variables do, with `s3` beside its two types. */
function readStorageLocation(
  read: EnvironmentReader,
  env: Readonly<Record<string, string | undefined>>,
  warnings: string[],
): StorageLocation {
  const nowhere: StorageLocation = { kind: "files", basePath: "" };
  const attempt = <T>(name: string, value: () => T): T | undefined => {
    try {
      return value();
    } catch (error) {
      read.problem(name, `is refused: ${P8eError.from(error).message}`);
      return undefined;
    }
  };
  const whole = env.P8E_STORE_STORAGE;
  if (whole) return attempt("P8E_STORE_STORAGE", () => parseStorageLocation(whole)) ?? nowhere;
  const type = read.text("STORAGE_TYPE").toLowerCase();
  const basePath = read.text("STORAGE_BASE_PATH");
  if (type !== "s3" && type !== "google_cloud") {
    if (type !== "file_system" && type !== "") read.problem("STORAGE_TYPE", "must be file_system, s3 or google_cloud");
    if (env.STORAGE_BASE_URL) warnings.push("STORAGE_BASE_URL has no effect on file storage");
    return { kind: "files", basePath };
  }
  const bucket = basePath === "" ? undefined : attempt("STORAGE_BASE_PATH", () => bucketOf(basePath));
  const endpoint = attempt("STORAGE_BASE_URL", () => endpointOf(env.STORAGE_BASE_URL || undefined));
  if (bucket === undefined) return nowhere;
  const place = { bucket, prefix: "", endpoint, kmsKey: undefined };
  if (type === "google_cloud") return { kind: "gcs", ...place };
  return { kind: "s3", ...place, region: undefined, pathStyle: endpoint !== undefined, encryption: undefined };
}

function readListenAddress(read: EnvironmentReader): string {
  const text = read.text("OS_URL");
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const kind = isIP(bare);
  // As the reference has it: an address and no name, IPv6 in brackets.
  if (text !== "" && (kind === 0 || (kind === 6) !== (bare !== text))) {
    read.problem("OS_URL", "must be an IP address (IPv6 in brackets)");
  }
  return bare;
}

/**
 * What whoever reaches the store can do without showing anything, in words; undefined when it asks for something or only this
 * machine reaches it. From the variables alone, so that it is told before anything is opened.
 */
export function exposureOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (listensHereAlone(env) || env.P8E_STORE_TLS_CERT || env.USER_AUTH_ENABLED === "true") return undefined;
  return `the store listens on ${env.OS_URL} without TLS and without credentials: whoever reaches it can put, get and register keys`;
}

function listensHereAlone({ OS_URL = "" }: Readonly<Record<string, string | undefined>>): boolean {
  return isLoopback(OS_URL.replace(/^\[(.*)\]$/, "$1"));
}

function readPeerAddresses(
  read: EnvironmentReader,
  { P8E_STORE_PEER_ADDRESSES: text }: Readonly<Record<string, string | undefined>>,
  loopback: boolean,
): PeerAddressSettings {
  const allowed = text ? text.split(",").map((network) => network.trim()) : undefined;
  try {
    peerAddressRule({ allowed, loopback });
  } catch {
    read.problem("P8E_STORE_PEER_ADDRESSES", "must be networks (ADDRESS/BITS) or addresses, with commas between them");
  }
  return { allowed, loopback };
}

function readAdminCredential(
  read: EnvironmentReader,
  { P8E_STORE_ADMIN_CREDENTIAL: text }: Readonly<Record<string, string | undefined>>,
): Pick<StoreConfiguration, "adminCredential"> {
  if (!text) return {};
  if (!/^[a-z0-9_.-]+:.{16,}$/i.test(text) || /^[^:]*-bin:/i.test(text)) {
    read.problem("P8E_STORE_ADMIN_CREDENTIAL", "must be HEADER:VALUE with a value of 16 characters or more");
  }
  return { adminCredential: text };
}

function readPartnerListen(
  read: EnvironmentReader,
  { P8E_STORE_PARTNER_LISTEN: text }: Readonly<Record<string, string | undefined>>,
): Pick<StoreConfiguration, "partnerListen"> {
  if (!text) return {};
  const at = addressAndPort(text);
  if (at === undefined) read.problem("P8E_STORE_PARTNER_LISTEN", "must be ADDRESS:PORT (IPv6 in brackets)");
  return at === undefined ? {} : { partnerListen: at };
}

/** With 127.0.0.1 for an address that is not there; undefined for what is none. */
function addressAndPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const parts = /^(?:(\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?(\d{1,5})$/.exec(text);
  const host = (parts?.[1] ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1");
  const port = Number(parts?.[2]);
  return parts === null || isIP(host) === 0 || port > 65_535 ? undefined : { host, port };
}

/** `HOST:PORT` with an address for the host, or a port of 127.0.0.1 alone. */
function readAdmin(
  read: EnvironmentReader,
  { P8E_STORE_ADMIN: text }: Readonly<Record<string, string | undefined>>,
  warnings: string[],
): Pick<StoreConfiguration, "admin"> {
  if (!text) return {};
  const at = addressAndPort(text);
  if (at === undefined) {
    read.problem("P8E_STORE_ADMIN", "must be ADDRESS:PORT (IPv6 in brackets), or a port of 127.0.0.1");
    return {};
  }
  if (!isLoopback(at.host)) {
    warnings.push(
      "P8E_STORE_ADMIN is not this machine alone: whoever reaches it learns metrics and names of partners' stores",
    );
  }
  return { admin: at };
}

function readAccessLog(
  read: EnvironmentReader,
  { P8E_STORE_ACCESS_LOG: path }: Readonly<Record<string, string | undefined>>,
): Pick<StoreConfiguration, "accessLog"> {
  const fileBytesMax = read.integer("P8E_STORE_ACCESS_LOG_BYTES", {
    fallback: 64 * 1024 ** 2,
    min: 4096,
    max: 1024 ** 4,
  });
  const filesMax = read.integer("P8E_STORE_ACCESS_LOG_FILES", { fallback: 8, min: 1, max: 1000 });
  return path ? { accessLog: { path, fileBytesMax, filesMax } } : {};
}

/** An address that only this machine reaches. */
function isLoopback(host: string): boolean {
  return host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function readTls(
  read: EnvironmentReader,
  env: Readonly<Record<string, string | undefined>>,
): { readonly tls?: StoreTlsFiles } {
  const { P8E_STORE_TLS_CERT: cert, P8E_STORE_TLS_KEY: key, P8E_STORE_TLS_CLIENT_CA: clientAuthorities } = env;
  if (cert && key) return { tls: { cert, key, ...(clientAuthorities ? { clientAuthorities } : {}) } };
  if (cert || key) read.problem(cert ? "P8E_STORE_TLS_KEY" : "P8E_STORE_TLS_CERT", "must be set: they belong together");
  else if (clientAuthorities) read.problem("P8E_STORE_TLS_CLIENT_CA", "needs P8E_STORE_TLS_CERT and its key");
  return {};
}

function readReplication(
  read: EnvironmentReader,
  env: Readonly<Record<string, string | undefined>>,
): ReplicationConfiguration {
  const seconds = (name: string, fallback: number) => read.integer(name, { fallback, min: 0, max: 2_147_483 }) * 1000;
  // Without the reference's variables a peer is probed every second; with one of them the other has its default.
  const backoff = env.BACKOFF_MIN_WAIT !== undefined || env.BACKOFF_MAX_WAIT !== undefined;
  const peerBackoffMinMs = seconds("BACKOFF_MIN_WAIT", backoff ? 30 : 1);
  return {
    enabled: read.boolean("REPLICATION_ENABLED", false),
    claimSize: read.integer("REPLICATION_BATCH_SIZE", { fallback: 10, min: 1, max: 10_000 }),
    keyRefreshMs: Math.max(
      1000,
      read.integer("REPLICATION_CACHE_REFRESH_MIN", { fallback: 5, min: 0, max: 35_791 }) * 60_000,
    ),
    pollMs: Math.max(100, seconds("REPLICATION_REPLICATE_FIXED_DELAY_SECONDS", 1)),
    reapMs: Math.max(1000, seconds("REPLICATION_REAP_UNKNOWN_KEYS_FIXED_DELAY_SECONDS", 3600)),
    ...(env.P8E_STORE_TLS_PEER_CA ? { peerAuthorities: env.P8E_STORE_TLS_PEER_CA } : {}),
    peerBackoffMinMs,
    peerBackoffMaxMs: Math.max(peerBackoffMinMs, seconds("BACKOFF_MAX_WAIT", backoff ? 1920 : 1)),
  };
}

function readDatadog(read: EnvironmentReader, warnings: string[]): void {
  if (!read.boolean("DD_AGENT_ENABLED", false)) return;
  const host = read.text("DD_AGENT_HOST", "127.0.0.1");
  if (isIP(host) === 0) read.problem("DD_AGENT_HOST", "must be an IP address");
  read.integer("DD_AGENT_PORT", { fallback: 8126, min: 0, max: 65_535 });
  read.text("DD_SERVICE", "object-store");
  read.text("DD_VERSION", "undefined");
  read.text("DD_ENV");
  warnings.push(
    "Datadog's agent protocol is not spoken: DD_AGENT_ENABLED has no effect; collect OpenTelemetry instead",
  );
}

/**
 * The reference's filter: comma-separated `level` or `target=level`; ours is one level, that of the store's own target
 * if it is named, else the general one. Unset: info.
 */
function readLogLevel(filter: string | undefined): LogLevel | undefined {
  if (filter === undefined || filter === "") return "info";
  const levels: Readonly<Record<string, LogLevel | undefined>> = {
    trace: "trace",
    debug: "debug",
    info: "info",
    warn: "warn",
    error: "error",
    off: undefined,
  };
  let general: LogLevel | undefined = "error";
  let own: { level: LogLevel | undefined } | undefined;
  for (const directive of filter.toLowerCase().split(",")) {
    const [target, level] = directive.split("=", 2) as [string, string?];
    if (level === undefined && target.trim() in levels) general = levels[target.trim()];
    else if (/^object[-_]store(::|$)/.test(target.trim())) own = { level: level ? levels[level.trim()] : "trace" };
  }
  return own ? own.level : general;
}
