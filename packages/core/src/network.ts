import { type AccountPrefix, parseAccountPrefix } from "./account-address.ts";
import { P8eError } from "./errors.ts";
import { parseShape } from "./parse-shape.ts";
import { shape } from "./shape.ts";

/**
 * One chain as a party takes part in it. Everything that differs between chains is here and nowhere else: no prefix,
 * chain id or derivation path is written in any other source file.
 */
export interface Network {
  /** What profiles and options call it: a lower-case letter, then up to 30 letters, digits and hyphens. */
  readonly name: string;
  /** What every node of the chain says it serves; part of what a transaction's signature covers. */
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  /** SLIP-44 number of the coin, the second level of `derivationPath`. */
  readonly coinType: number;
  /** BIP-32 path at which wallets of this network find an account's signing key. */
  readonly derivationPath: string;
  /** What contracts say of themselves when they are executed (p8e-scope-sdk: `Envelope.main_net`). */
  readonly mainNet: boolean;
  /** A node that everybody may ask; absent where each party names its own. */
  readonly endpoint?: NetworkEndpoint;
  readonly fees: NetworkFees;
}

/** Where a node listens. */
export interface NetworkEndpoint {
  /** `grpc://HOST[:9090]` for plaintext, `grpcs://HOST[:443]` for TLS. */
  readonly url: string;
  /** PEM of the authority that signed the node's certificate, where it is not one that the system trusts. */
  readonly certificateAuthority?: string;
}

/** What is known of a network's fees without asking a node; prices are on the chain and change there. */
export interface NetworkFees {
  /** The coin that fees are paid in. */
  readonly denomination: string;
  /**
   * Whether amounts are shown as test money: on networks that are made for tests of one's own. The public test network's are
   * shown as the main network's, for which it stands.
   */
  readonly testMoney: boolean;
}

const NAME = /^[a-z][a-z0-9-]{0,30}$/;
/** As long as CometBFT takes one (types.MaxChainIDLen). */
const CHAIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/;
const URL_FORM = /^grpcs?:\/\/[^\s/@]{1,260}\/?$/;
/** A coin's name as the Cosmos SDK takes it (types.reDnmString). */
const DENOMINATION = /^[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$/;
const CERTIFICATE_LENGTH_MAX = 200_000;
const COIN_TYPE_MAX = 2 ** 31 - 1;
/** m / purpose' / coin type' / account' / change / index: the five levels of BIP-44. */
const PATH = /^m(?:\/(?:0|[1-9][0-9]{0,9})'?){5}$/;

function known(
  name: string,
  of: {
    chainId: string;
    prefix: string;
    coinType: number;
    mainNet: boolean;
    testMoney: boolean;
    endpoint?: NetworkEndpoint;
  },
): Network {
  const { chainId, prefix, coinType, mainNet, testMoney, endpoint } = of;
  return {
    name,
    chainId,
    accountPrefix: parseAccountPrefix(prefix),
    coinType,
    derivationPath: `m/44'/${coinType}'/0'/0/0`,
    mainNet,
    ...(endpoint === undefined ? {} : { endpoint }),
    fees: { denomination: "nhash", testMoney },
  };
}

/**
 * The networks that need no file: the local one, which a development environment or `p8e ledger serve` runs, and the two
 * public ones of Provenance. JavaScript wallets harden the path's last index (`0'`), which gives another key: a profile
 * may name its own path.
 */
export const networks: {
  readonly local: Network;
  readonly testnet: Network;
  readonly mainnet: Network;
} = {
  local: known("local", { chainId: "chain-local", prefix: "tp", coinType: 1, mainNet: false, testMoney: true }),
  testnet: known("testnet", {
    ...{ chainId: "pio-testnet-1", prefix: "tp", coinType: 1, mainNet: false, testMoney: false },
    endpoint: { url: "grpcs://grpc.test.provenance.io:443" },
  }),
  mainnet: known("mainnet", { chainId: "pio-mainnet-1", prefix: "pb", coinType: 505, mainNet: true, testMoney: false }),
};

/** One of the built-in {@link networks}, undefined for any other name. */
export function networkNamed(name: string): Network | undefined {
  return Object.values(networks).find((network) => network.name === name);
}

const accountPrefix = shape.parsed("one to twenty lower-case letters and digits, a letter first", parseAccountPrefix);

/** A network file: the fields of {@link Network}, with its version. */
const networkShape = shape.object({
  format: shape.only(1),
  name: shape.text({ form: NAME, says: "a lower-case letter, then up to 30 letters, digits and hyphens" }),
  chainId: shape.text({ form: CHAIN_ID, says: "a chain id of at most 50 characters" }),
  accountPrefix,
  coinType: shape.whole(0, COIN_TYPE_MAX),
  derivationPath: shape.optional(shape.text({ form: PATH, says: "a path of five levels, as m/44'/1'/0'/0/0" })),
  mainNet: shape.optional(shape.flag()),
  endpoint: shape.optional(
    shape.object({
      url: shape.text({ form: URL_FORM, says: "grpc://HOST:PORT or grpcs://HOST:PORT" }),
      certificateAuthority: shape.optional(
        shape.text({ lengthMax: CERTIFICATE_LENGTH_MAX, says: "a certificate in PEM" }),
      ),
    }),
  ),
  fees: shape.optional(
    shape.object({
      denomination: shape.text({ form: DENOMINATION, says: "a coin's name" }),
      testMoney: shape.optional(shape.flag()),
    }),
  ),
});

/**
 * Reads what a network file holds: a JSON object with the fields of {@link Network}, `format: 1` beside them.
 * `derivationPath`, `mainNet`, `endpoint` and `fees` may be left out: the path is then the usual one of the coin type, the
 * network no main network, its coin `nhash` and, outside a main network, test money.
 * @throws `configuration.invalid` with the fact `field`, also for a newer format, and for a built-in name with other facts
 */
export function parseNetwork(value: unknown): Network {
  const context = { what: "the network", code: "configuration.invalid", newestFormat: 1 } as const;
  const { format: _, ...from } = parseShape(networkShape, value, context);
  const { mainNet = false, fees = { denomination: "nhash" } } = from;
  const network: Network = {
    derivationPath: `m/44'/${from.coinType}'/0'/0/0`,
    ...from,
    mainNet,
    fees: { testMoney: !mainNet, ...fees },
  };
  const builtIn = networkNamed(network.name);
  if (builtIn !== undefined && (builtIn.chainId !== network.chainId || builtIn.mainNet !== mainNet)) {
    throw new P8eError("configuration.invalid", `"${network.name}" is the name of a network that is built in`, {
      facts: { field: "name", name: network.name, chainId: builtIn.chainId },
      hint: "Give the network a name of its own.",
    });
  }
  return network;
}

/** What {@link parseNetwork} reads again. */
export function networkToJson(network: Network): Record<string, unknown> {
  return { format: 1, ...network };
}

/**
 * The path of a party's encryption key where nothing else is said: its signing key's, with the last index one higher.
 * @throws `key.invalid` when that is no path, or its last index is the highest there is
 */
export function encryptionPathBeside(signingPath: string): string {
  const match = /^(m(?:\/[0-9]{1,10}'?)*)\/([0-9]{1,10})('?)$/.exec(signingPath);
  const next = match === null ? Number.NaN : Number(match[2]) + 1;
  if (match === null || next > COIN_TYPE_MAX) {
    throw new P8eError("key.invalid", "no path lies beside this one", { facts: { path: signingPath.slice(0, 100) } });
  }
  return `${match[1]}/${next}${match[3]}`;
}
