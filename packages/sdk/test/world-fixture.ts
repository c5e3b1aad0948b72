import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChainClient, connectChain, ledgerSigner, NHASH, sendCoins } from "@p8e/chain";
import { hexEncode, networks, type RandomBytes } from "@p8e/core";
import {
  accountAddress,
  generatePrivateKey,
  localKey,
  type PrivateKey,
  privateKeyToProto,
  systemRandom,
} from "@p8e/crypto";
import { openSandbox, type Sandbox } from "@p8e/engine";
import { openLedger, serveLedger } from "@p8e/ledger";
import { openLocalPostgres } from "@p8e/local-postgres";
import { ObjectClient } from "@p8e/object-client";
import { openObjectStore, parseStoreConfiguration } from "@p8e/object-store";
import {
  type Affiliate,
  affiliateDirectory,
  affiliateOf,
  type LocalParty,
  openSqliteStateStore,
  P8eClient,
  type StateStore,
} from "@p8e/sdk";
import {
  localStoreVariables,
  type Provenanced,
  type ProvenancedNode,
  prepareLocalPostgres,
  startProvenanced,
} from "@p8e/testkit";

export interface WorldParty {
  readonly party: LocalParty;
  readonly affiliate: Affiliate;
  /** For processes of their own: the keys in hexadecimal. */
  readonly privateKeys: { readonly signing: string; readonly encryption: string };
  readonly store: ObjectClient;
  readonly storagePath: string;
  readonly statePath: string;
  /** Its state as another process would open it. */
  readonly openState: (path?: string) => StateStore;
  readonly client: P8eClient;
}

const random: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** A ledger, and parties with a store each: all real, in this process. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly ledgerUrl: string;
  readonly chain: ChainClient;
  readonly sandbox: Sandbox;
  readonly lender: WorldParty;
  readonly bank: WorldParty;
  /** Only where asked for. */
  readonly validator: WorldParty;
}

/** A node that runs already, of the local network. */
export interface ForeignLedger {
  readonly url: string;
  readonly rpc?: { readonly url: string };
  /** Holds enough to fund both parties. */
  readonly faucet: PrivateKey;
}

/** As {@link openWorld}, on a real node that is started for it and ends with it. */
export async function openNodeWorld(found: Provenanced): Promise<World & { readonly node: ProvenancedNode }> {
  await using stack = new AsyncDisposableStack();
  const node = stack.use(await startProvenanced(found));
  const world = stack.use(await openWorld(node));
  const owned = stack.move();
  return { ...world, node, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** @param foreign instead of an embedded ledger */
export async function openWorld(foreign?: ForeignLedger, { three = false } = {}): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "p8e-world-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const keys = () => {
    const [signing, encryption] = [generatePrivateKey(systemRandom), generatePrivateKey(systemRandom)];
    const party = { signing: localKey(signing), encryption: localKey(encryption) };
    const hexOf = (key: PrivateKey) => hexEncode(privateKeyToProto(key));
    return {
      party,
      privateKeys: { signing: hexOf(signing), encryption: hexOf(encryption) },
      affiliate: affiliateOf(party),
      address: accountAddress(party.signing.publicKey, networks.local.accountPrefix),
    };
  };
  const named = new Map(["lender", "bank", ...(three ? ["validator"] : [])].map((name) => [name, keys()]));
  const accounts = [...named.values()].map(({ address }) => ({ address, amount: 10n ** 18n }));
  const embedded = async () => {
    const clock = { now: Date.now };
    const dataDir = join(folder, "ledger");
    const ledger = await openLedger({ dataDir, ...networks.local, clock, blockIntervalMs: 50, genesis: { accounts } });
    const served = await serveLedger(stack.use(ledger), { host: "127.0.0.1", port: 0 });
    return `grpc://127.0.0.1:${stack.use(served).port}`;
  };
  const ledgerUrl = foreign?.url ?? (await embedded());
  const rpc = foreign?.rpc === undefined ? {} : { rpc: foreign.rpc };
  const chain = stack.use(await connectChain({ url: ledgerUrl, ...networks.local, ...rpc }));
  if (foreign !== undefined) {
    const signer = ledgerSigner(localKey(foreign.faucet), networks.local.accountPrefix);
    const gifts = accounts.map(({ address, amount }) =>
      sendCoins({ from: signer.address, to: address, amounts: [{ denomination: NHASH, amount }] }),
    );
    await chain.submit(gifts, { signer });
  }
  const sandbox = stack.use(openSandbox());
  const postgresDir = join(folder, "postgres");
  await prepareLocalPostgres(postgresDir);
  const postgres = stack.use(await openLocalPostgres({ dataDir: postgresDir }));
  const directory = affiliateDirectory(
    [...named.values()].map(({ affiliate }) => affiliate),
    networks.local.accountPrefix,
  );

  const openOne = async (name: string, of: ReturnType<typeof keys>): Promise<WorldParty> => {
    await postgres.createDatabase(name, name, "secret");
    const storagePath = await mkdtemp(join(folder, `${name}-`));
    const { host, port } = postgres;
    const database = { host, port, name, user: name, password: "secret", schema: "public" };
    const configuration = parseStoreConfiguration(localStoreVariables(database, storagePath));
    const server = stack.use(await openObjectStore(configuration));
    const store = stack.use(new ObjectClient({ url: `grpc://127.0.0.1:${server.port}`, patienceMs: 500 }));
    const statePath = join(folder, `${name}.sqlite`);
    const origin = { party: of.address, network: networks.local.chainId };
    const openState = (path = statePath) => openSqliteStateStore(path, { origin, random, nowMs: Date.now });
    const state = stack.use(openState());
    const client = new P8eClient({
      ...{ party: of.party, network: networks.local, store, chain, sandbox, state, directory, random },
      nowMs: Date.now,
    });
    const { party, affiliate, privateKeys } = of;
    return { party, affiliate, privateKeys, store, storagePath, statePath, openState, client };
  };
  const parties = new Map<string, WorldParty>();
  for (const [name, of] of named) parties.set(name, await openOne(name, of));
  for (const at of parties.values()) {
    for (const { store, party } of parties.values()) {
      const { publicKey } = party.encryption;
      await (store === at.store ? store.registerKey(publicKey) : at.store.registerKey(publicKey, { url: store.url }));
    }
  }
  for (const { party } of parties.values()) {
    const signer = ledgerSigner(party.signing, networks.local.accountPrefix);
    const self = { from: signer.address, to: signer.address, amounts: [{ denomination: NHASH, amount: 1n }] };
    await chain.submit([sendCoins(self)], { signer });
  }
  const owned = stack.move();
  const [lender, bank, validator] = [...parties.values()] as [WorldParty, WorldParty, WorldParty];
  return {
    folder,
    ledgerUrl,
    chain,
    sandbox,
    lender,
    bank,
    validator,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
