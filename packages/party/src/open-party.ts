import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { ChainClient } from "@p8e/chain";
import type { BuiltContract } from "@p8e/contract";
import { P8eError } from "@p8e/core";
import type { Sandbox } from "@p8e/engine";
import type { OpenPartyKeys, PassphraseSource } from "@p8e/keys";
import type { ObjectClient } from "@p8e/object-client";
import type { P8eClient, PublicationResult, StateStore } from "@p8e/sdk";
import type { ApproverKey } from "./approver-key.ts";
import { requireOwnKeys } from "./development-parties.ts";
import { feeMaxInNhash } from "./fee-max.ts";
import { type LocatedNode, nodeTarget } from "./node-target.ts";
import { once } from "./once.ts";
import type { LocatedProfile, PartyDescription, Profile } from "./profile/profile.ts";
import { stateFolder, statePath } from "./state-path.ts";
import { storeTarget } from "./store-target.ts";
import { PartyObjects } from "./work/party-objects.ts";
import { PartyScopes } from "./work/party-scopes.ts";
import { PartySessions } from "./work/party-sessions.ts";
import { type PublishOptions, publishContract } from "./work/publish-contract.ts";

/**
 * A party at work: its keys, its own store, the ledger, its partners and its memory. Each part is opened when it is first
 * asked for (reading an object loads nothing of ledger or sandbox), and all are closed together.
 */
export interface OpenParty extends AsyncDisposable {
  readonly located: LocatedProfile;
  readonly profile: Profile;
  /** The party itself, as others know it. */
  readonly self: PartyDescription;
  /** What lies in its own store: put, read, share. */
  readonly objects: PartyObjects;
  /** Contracts run, and their records written to the ledger. */
  readonly sessions: PartySessions;
  /** What the ledger has: read, verified, shared, moved. */
  readonly scopes: PartyScopes;
  /**
   * Builds a contract, tries its functions, and publishes what the ledger and the own store lack of it; see
   * {@link publishContract}.
   * @throws as `publishContract`
   */
  publish(contract: string | BuiltContract, options?: PublishOptions): Promise<PublicationResult>;
  /** @throws as `openPartyKeys`; `key.invalid` when the keys found are others than the profile says */
  keys(): Promise<OpenPartyKeys>;
  /**
   * The key of a person whose yes the party wants, read where the profile says. Whoever asked for it disposes of it.
   * @throws `key.unavailable` when the profile names no such person; `key.invalid` when the key found is another
   */
  approverKey(name: string): Promise<ApproverKey>;
  /** The party's own store. Nothing is sent before it is used. */
  store(): Promise<ObjectClient>;
  /**
   * The ledger, after the node was seen to be what the profile says.
   * @throws `ledger.unavailable`, `ledger.wrong_network`, `ledger.unsupported_version`
   */
  chain(): Promise<ChainClient>;
  /**
   * In nhash: what one transaction may cost at most, by the conversion that the node names; undefined where nothing is said.
   * @throws `input.invalid`, `configuration.invalid` when the chain defines its prices in no dollars
   */
  feeMax(): Promise<bigint | undefined>;
  sandbox(): Promise<Sandbox>;
  /** Executions that this party remembers. */
  state(): Promise<StateStore>;
  /** Publishing, sessions and reading, step by step, over all of the above; others are called by their keys here. */
  client(): Promise<P8eClient>;
}

/** What opening a party takes beside its profile. */
export interface OpenPartyOptions {
  /** Asked when a key is under a passphrase; without it the file that `P8E_PASSPHRASE_FILE` names is read. */
  readonly passphrase?: PassphraseSource | undefined;
  /** Environment variables, for `env:` references. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What one transaction may cost at most, instead of the profile's `feeMax` and said as there. */
  readonly feeMax?: string | undefined;
  /** How long a store that does not answer is tried again; as the object client does unless given. */
  readonly storePatienceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a party by its profile. Nothing is read or connected yet.
 * @throws `key.invalid` when the profile has the public keys of a development party and servers on another machine
 */
export function openParty(located: LocatedProfile, options: OpenPartyOptions): OpenParty {
  const { profile, folder } = located;
  const { signal, variables } = options;
  requireOwnKeys(profile);
  const stack = new AsyncDisposableStack();

  const keys = once(async () => {
    const { openPartyKeys } = await import("@p8e/keys");
    const opened = await openPartyKeys(profile.keys, {
      folder,
      variables,
      passphrase: options.passphrase ?? (await passphraseOf(variables, folder)),
      paths: { signing: profile.keys.signingPath, encryption: profile.keys.encryptionPath },
      signal,
    });
    const { signingKey, encryptionKey } = profile.party;
    if (opened.signing.publicKey.base64 !== signingKey || opened.encryption.publicKey.base64 !== encryptionKey) {
      await opened[Symbol.asyncDispose]();
      throw new P8eError("key.invalid", `the keys found are not the ones that ${located.file} names`, {
        facts: { party: profile.party.name, file: located.file },
        hint: "Key reference, derivation paths and public keys of a profile belong together.",
      });
    }
    return stack.use(opened);
  });

  const approverKey = async (name: string): Promise<ApproverKey> => {
    const { openApproverKey } = await import("./approver-key.ts");
    const passphrase = options.passphrase ?? (await passphraseOf(variables, folder));
    return openApproverKey(located, name, { variables, passphrase, signal });
  };

  const store = once(async () => {
    const { ObjectClient } = await import("@p8e/object-client");
    const { storePatienceMs: patienceMs } = options;
    const patience = patienceMs === undefined ? {} : { patienceMs };
    return stack.use(new ObjectClient({ ...(await storeTarget(located)), ...patience }));
  });

  const chain = once(async () => stack.use(await connectNode(located, { signal })));

  const feeMax = once(async () => {
    const said = options.feeMax ?? profile.feeMax;
    return said === undefined ? undefined : await feeMaxInNhash(said, await chain(), { signal });
  });

  const sandbox = once(async () => {
    const { openSandbox } = await import("@p8e/engine");
    return stack.use(openSandbox());
  });

  const state = once(async (): Promise<StateStore> => {
    const [{ openSqliteStateStore }, { systemRandom }] = await Promise.all([import("@p8e/sdk"), import("@p8e/crypto")]);
    await mkdir(stateFolder(located), { recursive: true, mode: 0o700 });
    return stack.use(
      openSqliteStateStore(statePath(located), {
        origin: { party: profile.party.address, network: profile.network.chainId },
        random: systemRandom,
        nowMs: Date.now,
      }),
    );
  });

  const client = once(async () => {
    const [{ affiliateDirectory, P8eClient }, { affiliateOfParty }, { systemRandom }] = await Promise.all([
      import("@p8e/sdk"),
      import("./affiliate-of-party.ts"),
      import("@p8e/crypto"),
    ]);
    const { accountPrefix } = profile.network;
    const { approversOf } = await import("./approver-key.ts");
    const known = [profile.party, ...profile.partners].map((party) => affiliateOfParty(party, accountPrefix));
    return new P8eClient({
      feeMax: await feeMax(),
      approvers: approversOf(profile),
      party: await keys(),
      network: profile.network,
      store: await store(),
      chain: await chain(),
      sandbox: await sandbox(),
      state: await state(),
      directory: affiliateDirectory(known, accountPrefix),
      random: systemRandom,
      nowMs: Date.now,
    });
  });

  return {
    located,
    profile,
    self: profile.party,
    objects: new PartyObjects(profile, async () => ({ keys: await keys(), store: await store() })),
    sessions: new PartySessions(profile, client),
    scopes: new PartyScopes(profile, client),
    publish: (contract, publishing) => publishContract({ profile, sandbox, client }, contract, publishing),
    ...{ keys, approverKey, store, chain, feeMax, sandbox, state, client },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/**
 * Connects to the node that a profile names, and sees that it is what the profile says.
 * @throws `ledger.unavailable`, `ledger.wrong_network`, `ledger.unsupported_version`, `configuration.invalid`
 */
export async function connectNode(
  located: LocatedNode,
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number },
): Promise<ChainClient> {
  const { connectChain } = await import("@p8e/chain");
  const { network, node } = located.profile;
  return await connectChain({
    ...(await nodeTarget(located)),
    chainId: network.chainId,
    accountPrefix: network.accountPrefix,
    ...(node.rpcUrl === undefined ? {} : { rpc: { url: node.rpcUrl } }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

async function passphraseOf(
  variables: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<PassphraseSource> {
  const { passphraseFromFile } = await import("@p8e/keys");
  const file = variables.P8E_PASSPHRASE_FILE;
  if (file) {
    const path = resolve(folder, file);
    return Object.assign(passphraseFromFile(path), { from: `${path}, which P8E_PASSPHRASE_FILE names` });
  }
  return async ({ what }) => {
    throw new P8eError("key.passphrase", `${what} is under a passphrase, and none is given`, {
      facts: { path: what },
      hint: "Set P8E_PASSPHRASE_FILE to a file that holds it, or run the command on a terminal.",
    });
  };
}
