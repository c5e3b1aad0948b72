import { isIP } from "node:net";
import { P8eError } from "@p8e/core";
import { jsonLog, readVariables, type Served } from "@p8e/machine";
import type { ObjectStoreServer } from "@p8e/object-store";
import {
  type KeyRegistry,
  type LocatedProfile,
  registerOwnKeys,
  registerPartner,
  registerPendingPartners,
} from "@p8e/party";
import { readServerTls } from "@p8e/rpc";
import { storeVariables, tlsVariables } from "../store-variables.ts";
import { openOwnDatabase } from "./own-database.ts";
import { requireProtection } from "./serve-store.ts";

/** A party's own store as a server. */
export interface OwnStoreServing {
  readonly located: LocatedProfile;
  /** The host and port of the profile's store URL unless given. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  /** Environment variables: settings of the store beside its database, and the password where the profile names one. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The variables `P8E_STORE_TLS_…` that a command's options stand for: they go before those of the profile. */
  readonly tls?: Readonly<Record<string, string>> | undefined;
  /** Where a new store's objects are to lie, if not in its folder; one that was started before is moved instead. */
  readonly storage?: string | undefined;
  /** Where the store's lines of JSON go: standard error unless given. */
  readonly write?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Serves the store that a profile describes, with replication: on a database of its own in the store's data folder, or on
 * the one that the profile names. At every start it learns the party's keys and where its partners' stores are; partners
 * that waited for that are no longer marked in the profile.
 * @throws `configuration.invalid` when the profile knows the store by its URL alone, or no address to listen on;
 *   `environment.in_use`, `store.…`
 */
export async function serveOwnStore(options: OwnStoreServing): Promise<Served> {
  const { located, signal } = options;
  const { exposureOf, openObjectStore, parseStoreConfiguration, secretVariables } = await import("@p8e/object-store");
  const variables = await readVariables({ env: options.variables, secrets: secretVariables });
  const log = jsonLog(options.write ?? ((line) => process.stderr.write(line)), Date.now);
  const listen = options.listen ?? addressOf(located.profile.party.storeUrl);
  const settings = { ...variables, ...tlsVariables(located), ...options.tls };
  await requireUsableTls(located, settings);
  requireProtection(exposureOf({ ...settings, OS_URL: listen.host }), variables);
  await using stack = new AsyncDisposableStack();
  const { access } = await openOwnDatabase(located, { variables, storage: options.storage, log, stack, signal });
  const configuration = parseStoreConfiguration({ ...settings, ...storeVariables(access, listen) });
  const store = stack.use(await openObjectStore(configuration, { log, ...(signal === undefined ? {} : { signal }) }));
  await introduce(located, store, signal);
  const owned = stack.move();
  return { port: store.port, url: store.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Within this process: the server may want certificates of its clients, and is its own for no name but the URL's. */
async function introduce(
  located: LocatedProfile,
  store: ObjectStoreServer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const registry: KeyRegistry = { registerKey: (key, { url } = {}) => store.registerKey(key.uncompressed, url) };
  const { profile } = located;
  await registerOwnKeys(registry, profile, { signal });
  const told = profile.partners.filter((partner) => !partner.toRegister);
  for (const partner of told) await registerPartner(registry, partner, { signal });
  await registerPendingPartners(registry, located, { signal });
}

/**
 * What is wrong with certificate and key is said before a database is made. A store with TLS is not found by a URL without
 * it; the other way round something before it may speak TLS.
 */
async function requireUsableTls(
  { profile, file }: LocatedProfile,
  { P8E_STORE_TLS_CERT: cert, P8E_STORE_TLS_KEY: key }: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (!cert || !key) return; // Half of it is refused with the rest of the configuration.
  await readServerTls({ cert, key });
  const { storeUrl } = profile.party;
  if (storeUrl.startsWith("grpcs:")) return;
  throw new P8eError("configuration.invalid", "the store would speak TLS, and its URL says that it does not", {
    facts: { file, field: "store.url", url: storeUrl },
    hint: `Write ${storeUrl.replace(/^grpc:/, "grpcs:")} there, and give your partners a new card.`,
  });
}

/** Where the URL's host is an address, the store listens there. */
function addressOf(storeUrl: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(storeUrl);
  const host = hostname === "localhost" ? "127.0.0.1" : hostname;
  if (isIP(host.replace(/^\[(.*)\]$/, "$1")) !== 0 && port !== "") return { host, port: Number(port) };
  throw new P8eError("configuration.invalid", "the store's URL does not say on which address and port to listen", {
    facts: { field: "store.url", url: storeUrl },
    hint: "Say it with --listen ADDRESS:PORT, 0.0.0.0 for all addresses of this machine.",
  });
}
