import { hasCode, isP8eError, P8eError, parseUuid, type RandomBytes, randomUuid, type Uuid } from "@p8e/core";
import {
  type CallRecord,
  type ClientTls,
  clientTlsFromFiles,
  followTlsFiles,
  hostAndPort,
  type Route,
  type RpcServer,
  type RpcServerLimits,
  readServerTls,
  type ServerTls,
  startRpcServer,
} from "@p8e/rpc";
import type { ServerDatabase, StoreConfiguration } from "./configuration.ts";
import type { CallFacts, EndedCall } from "./domain/call-facts.ts";
import { MemoryBudget } from "./domain/memory-budget.ts";
import { storageLocationText } from "./domain/storage-location.ts";
import { adminService } from "./grpc/admin-service.ts";
import { healthService } from "./grpc/health-service.ts";
import { mailWatchService } from "./grpc/mail-watch-service.ts";
import { mailboxService } from "./grpc/mailbox-service.ts";
import { objectService } from "./grpc/object-service.ts";
import { connectPeer } from "./grpc/peer-link.ts";
import { peerSource } from "./grpc/peer-source.ts";
import { publicKeyService } from "./grpc/public-key-service.ts";
import type { StoreContext } from "./grpc/store-context.ts";
import { type Log, logAtLeast, reasonOf, silentLog } from "./log.ts";
import { MailBell } from "./mailbox/mail-bell.ts";
import { PassingBytes } from "./passing-bytes.ts";
import { peerAddressRule } from "./peer-addresses.ts";
import { awaitDatabase } from "./postgres/await-database.ts";
import { Database } from "./postgres/database.ts";
import { GroupCommit } from "./postgres/group-commit.ts";
import { HealthMonitor } from "./postgres/health-monitor.ts";
import { KeyCache } from "./postgres/key-cache.ts";
import { Maintenance } from "./postgres/maintenance.ts";
import { storagePlaces } from "./postgres/move-rows.ts";
import { insertObjects, type NewObject, objectExists } from "./postgres/object-rows.ts";
import { type MigrateOptions, migrate } from "./postgres/schema/migrate.ts";
import { StoreBus } from "./postgres/store-bus.ts";
import { Today } from "./postgres/today.ts";
import type { PutParts } from "./put/put-parts.ts";
import { systemRandom } from "./random.ts";
import { registerKey } from "./register-key.ts";
import { Replication } from "./replication/replication.ts";
import { Scrubber } from "./scrub/scrubber.ts";
import type { BlobStorage } from "./storage/blob-storage.ts";
import { openStorage } from "./storage/open-storage.ts";
import { repeat, type StoreClock, systemStoreClock } from "./store-clock.ts";
import { StoreWatch } from "./watching/store-watch.ts";

/** What a store is given besides its configuration. */
export interface OpenObjectStoreOptions {
  readonly log?: Log;
  /** Aborting it gives up opening; it has no effect on an open store. */
  readonly signal?: AbortSignal;
  /** For tests: a storage that fails. Otherwise the one that the configuration describes. */
  readonly openStorage?: OpenStorage;
  /** The machine's own unless given. */
  readonly clock?: StoreClock;
  /** The system's unless given. */
  readonly random?: RandomBytes;
  readonly rpcLimits?: Partial<RpcServerLimits>;
  /** For benchmarks: false gives every upload a transaction of its own. */
  readonly groupCommit?: boolean;
}

/** Opens the storage of the store with this id. @throws `store.storage` */
export type OpenStorage = (
  configuration: StoreConfiguration,
  identity: Uuid,
  clock: StoreClock,
) => Promise<BlobStorage>;

/** A running store. Disposal drains for up to `DRAIN_MS`, then closes everything. */
export interface ObjectStoreServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Where clients reach it: `grpc://HOST:PORT`, with TLS `grpcs://HOST:PORT`. */
  readonly url: string;
  /** Where other stores come, when that is a port of their own. */
  readonly partnerPort?: number;
  /** Where it tells metrics and health over HTTP, when it does. */
  readonly adminPort?: number;
  /** Health says NOT_SERVING at once; no new calls; calls under way may finish within `graceMs`. */
  drain(graceMs: number): Promise<void>;
  /**
   * Notes where a key lives, as `PublicKeyService.Add` does for a client: with a URL its objects go to the store there,
   * without one it is this store's own. The key is an uncompressed point.
   */
  registerKey(key: Uint8Array, url?: string): Promise<void>;
}

const DRAIN_MS = 10_000;
const SWEEP_MS = 600_000;
const BATCH_ROWS = 32;
const BATCHES_IN_FLIGHT = 2;
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Opens the database (migrating it if need be) and the storage, starts replication and the gRPC server.
 * @throws `configuration.invalid` (TLS), `store.unavailable`, `store.schema`, `store.storage`, `environment.*`,
 *   `rpc.unavailable` (address in use)
 */
export async function openObjectStore(
  configuration: StoreConfiguration,
  options: OpenObjectStoreOptions = {},
): Promise<ObjectStoreServer> {
  const log = logAtLeast(configuration.logLevel, options.log ?? silentLog);
  const { clock = systemStoreClock, random = systemRandom } = options;
  for (const warning of configuration.warnings) log("warn", warning);
  const toPeers = peerTls(configuration);
  // Files that are not there are told now, not to the log of a replication.
  await toPeers();
  const way = { tls: toPeers, refusesAddress: peerAddressRule(configuration.peerAddresses) };
  const tls = configuration.tls === undefined ? undefined : await readServerTls(configuration.tls);
  const opened = new AsyncDisposableStack();
  try {
    const database = opened.use(await Database.open(configuration.database, log));
    await awaitDatabase(database, {
      ...{ at: configuration.database, waitMs: configuration.databaseWaitMs },
      ...{ clock, log, signal: options.signal },
    });
    options.signal?.throwIfAborted();
    const identity = await prepare(database, configuration.database, { clock, random, log, signal: options.signal });
    // The bus first: from then on nobody moves the objects away.
    const bus = opened.use(await StoreBus.open({ database, identity, clock, log }));
    await requireLocation(database, configuration);
    const storage = opened.use(await (options.openStorage ?? openConfiguredStorage)(configuration, identity, clock));
    const keys = opened.use(
      await KeyCache.open({ database, bus, refreshMs: configuration.replication.keyRefreshMs, clock, log }),
    );
    const maintenance = await Maintenance.open(database, bus, configuration.startInMaintenance, log);
    const passing = new PassingBytes();
    const monitor = opened.use(
      await HealthMonitor.open({ database, probeStorage: () => storage.isWritable(), clock, log }),
    );
    const watch = opened.use(
      await StoreWatch.open(configuration, {
        ...{ database, clock, log },
        health: () => monitor.state,
        maintenance: () => maintenance.on,
      }),
    );
    const today = new Today(database, clock);
    const scrubber = opened.use(
      new Scrubber({
        ...{ database, storage, bus, clock, log },
        settings: { ...configuration.scrub, repair: configuration.replication.enabled },
        peers: peerSource(way, clock),
        directory: () => today.directory(),
        freshUuid: () => parseUuid(randomUuid(random)),
      }),
    );
    const suspect = (uuid: Uuid, thrown: unknown) => scrubber.suspect(uuid, thrown);
    const replication = configuration.replication.enabled
      ? opened.use(
          await Replication.open({
            configuration: configuration.replication,
            database,
            bus,
            keys,
            storage,
            passing,
            connectPeer: (url) => connectPeer(url, way),
            suspect,
            onSend: (send) => watch.sendEnded(send),
            clock,
            random,
            log,
          }),
        )
      : undefined;
    const bell = opened.use(new MailBell({ bus, random, tell: (statement) => database.query(statement) }));
    const puts: PutParts = {
      database,
      keys,
      bus,
      storage,
      budget: new MemoryBudget(configuration.limits.memoryBudgetBytes),
      rules: { thresholdBytes: configuration.storage.thresholdBytes, ...configuration.limits },
      commits: new GroupCommit({
        write: (rows) => insertObjects(database, rows),
        rowsMax: options.groupCommit === false ? 1 : BATCH_ROWS,
        inFlightMax: options.groupCommit === false ? 1000 : BATCHES_IN_FLIGHT,
        sizeOf: (row) => (row.payload?.length ?? 0) + propertyBytesOf(row),
        bytesMax: BATCH_BYTES,
      }),
      passing,
      directory: () => today.directory(),
      replicationEnabled: configuration.replication.enabled,
      wakeReplication: (readers) => replication?.wake(readers),
      ringMail: (readers) => bell.ring(readers),
      random,
      log,
    };
    const store: StoreContext = {
      ...{ configuration, database, bus, keys, maintenance, storage, puts, passing, suspect, bell, clock, random, log },
    };
    opened.use(startSweeper(store, clock));
    const serving = { tls, limits: options.rpcLimits };
    const server = opened.use(await startServer(store, monitor, watch, { ...serving, at: configuration.listen }));
    const partners =
      configuration.partnerListen &&
      opened.use(
        await startServer(store, monitor, watch, { ...serving, at: configuration.partnerListen, partners: true }),
      );
    const servers = partners === undefined ? [server] : [server, partners];
    if (configuration.tls !== undefined && tls !== undefined) {
      const onProblem = (error: unknown) =>
        log("warn", "a new certificate cannot be used", { reason: reasonOf(error) });
      for (const each of servers) opened.use(followTlsFiles(each, configuration.tls, { current: tls, onProblem }));
    }
    const drain = async (graceMs: number) => {
      monitor.drain();
      bell.watches.close();
      await Promise.all(servers.map((each) => each.drain(graceMs)));
    };
    const stopServing = (reason: string) => {
      log("error", "the store stops serving", { reason });
      void drain(DRAIN_MS);
    };
    bus.onMove(() => stopServing("its objects are being moved to another storage"));
    bus.onOpen(() => {
      requireLocation(database, configuration).catch((error: unknown) => {
        if (hasCode(error, "configuration.invalid")) stopServing(error.message);
      });
    });
    const { host } = configuration.listen;
    log("info", "the object store is listening", { host, port: server.port, tls: tls !== undefined });
    const everything = opened.move();
    return {
      host,
      port: server.port,
      ...(partners === undefined ? {} : { partnerPort: partners.port }),
      ...(watch.adminPort === undefined ? {} : { adminPort: watch.adminPort }),
      url: `${tls === undefined ? "grpc" : "grpcs"}://${hostAndPort(host, server.port)}`,
      drain,
      registerKey: async (key, url = "") => {
        await registerKey(store, { rawKey: key, url, metadata: new Uint8Array(0), authData: null });
      },
      async [Symbol.asyncDispose]() {
        await drain(DRAIN_MS);
        await everything.disposeAsync();
        log("info", "the object store has stopped");
      },
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** To other stores this one shows the certificate that it serves with. */
function peerTls({ tls, replication }: StoreConfiguration): () => Promise<ClientTls> {
  const { peerAuthorities: ca } = replication;
  return clientTlsFromFiles({
    ...(ca === undefined ? {} : { ca }),
    ...(tls === undefined ? {} : { cert: tls.cert, key: tls.key }),
  });
}

const openConfiguredStorage: OpenStorage = ({ storage: { location, ...rest } }, identity, clock) =>
  openStorage(location, { ...rest, identity, clock, random: systemRandom });

/** Migrates on one connection, and returns who this store is. */
async function prepare(
  database: Database,
  configuration: ServerDatabase,
  options: Pick<MigrateOptions, "clock" | "random" | "signal"> & { readonly log: Log },
): Promise<Uuid> {
  await using connection = await database.dedicated("migrate");
  const state = await migrate(connection, {
    databaseName: configuration.name,
    schema: configuration.schema,
    ...options,
  });
  options.log("debug", "the database is ready", { ...state });
  const { rows } = await connection.query<{ identity: Uuid }>({ text: "SELECT identity FROM p8e_store" });
  const identity = rows[0]?.identity;
  if (!identity) throw new P8eError("store.schema", "the store's own row is missing");
  return identity;
}

/** @throws `configuration.invalid` when the objects were moved elsewhere than the configuration says */
async function requireLocation(database: Database, { storage: { location } }: StoreConfiguration): Promise<void> {
  const [{ storage }, configured] = [await storagePlaces(database), storageLocationText(location)];
  if (storage === undefined || storage === configured) return;
  throw new P8eError("configuration.invalid", "the store's objects were moved elsewhere than its configuration says", {
    facts: { storage, configured },
    hint: `P8E_STORE_STORAGE=${storage} is where they lie`,
  });
}

function propertyBytesOf({ properties }: NewObject): number {
  let bytes = 0;
  for (const value of properties.values()) bytes += value.length;
  return bytes;
}

function startServer(
  store: StoreContext,
  monitor: HealthMonitor,
  watch: StoreWatch,
  {
    tls,
    limits,
    at,
    partners = false,
  }: {
    readonly tls: ServerTls | undefined;
    readonly limits: Partial<RpcServerLimits> | undefined;
    readonly at: { readonly host: string; readonly port: number };
    /** Only what other stores need is answered there: put, get and health. */
    readonly partners?: boolean;
  },
): Promise<RpcServer> {
  const { configuration, log } = store;
  return startRpcServer({
    host: at.host,
    port: at.port,
    services: [
      objectService(store),
      ...(partners ? [] : clientServices(store)),
      configuration.healthServiceEnabled ? healthService(monitor) : [],
    ],
    ...(tls ? { tls } : {}),
    ...(limits ? { limits } : {}),
    onCall(record) {
      const traceId = record.requestMetadata.get(configuration.traceHeader) ?? "";
      logCall(configuration, log, record, traceId);
      if (watch.listens) watch.callEnded(endedCall(record, traceId));
    },
    log: (entry) =>
      log("error", entry.event === "call.failed" ? "a call failed unexpectedly" : "a connection failed", {
        peer: entry.peer,
        ...(entry.method ? { method: entry.method } : {}),
        reason: reasonOf(entry.error),
      }),
  });
}

/** What clients and the operator have beyond the objects. */
function clientServices(store: StoreContext): readonly (readonly Route[])[] {
  return [publicKeyService(store), mailboxService(store), mailWatchService(store), adminService(store)];
}

/** As the reference: slow calls at info, ten times slower ones as warnings, all others as traces. */
function logCall(configuration: StoreConfiguration, log: Log, record: CallRecord, traceId: string): void {
  const seconds = record.durationMs / 1000;
  const slow = configuration.slowRequestSeconds;
  const level = seconds > 10 * slow ? "warn" : seconds > slow ? "info" : "trace";
  log(level, "call", {
    traceId,
    method: record.method,
    status: record.status,
    seconds,
  });
  const failed = record.status === "INTERNAL" || record.status === "DATA_LOSS" || record.status === "UNKNOWN";
  if (failed) log("error", "a call failed", { traceId, method: record.method, reason: causesOf(record.error) });
}

function endedCall({ method, peer, status, durationMs, annotation, error }: CallRecord, traceId: string): EndedCall {
  // Only our handlers annotate.
  const facts = annotation as CallFacts | undefined;
  return { method, peer, status, durationMs, traceId, facts, errorCode: isP8eError(error) ? error.code : undefined };
}

/** An error with what it came from, for the operator; none of it goes to the caller. */
function causesOf(thrown: unknown): string {
  const reasons: string[] = [];
  for (let error = thrown; error !== undefined && reasons.length < 4; error = (error as { cause?: unknown }).cause) {
    reasons.push(reasonOf(error));
    if (!(error instanceof Error)) break;
  }
  return reasons.join(": ");
}

function startSweeper(store: StoreContext, clock: StoreClock): Disposable {
  const stop = new AbortController();
  const sweep = () =>
    void store.storage
      .sweep({
        graceMs: store.configuration.limits.orphanGraceMs,
        objectExists: (uuid) => objectExists(store.database, uuid),
        log: store.log,
        signal: stop.signal,
      })
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        store.log("warn", "could not look for unfinished uploads", { reason: reasonOf(error) });
      });
  sweep();
  const sweeping = repeat(clock, Math.min(SWEEP_MS, store.configuration.limits.orphanGraceMs), sweep);
  return {
    [Symbol.dispose]() {
      stop.abort();
      sweeping[Symbol.dispose]();
    },
  };
}
