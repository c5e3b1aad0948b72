import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accountAddressFromBytes, base64Decode, hexDecode, hexEncode, networks, sha256 } from "@p8e/core";
import { runProgram } from "./program.ts";

/** The home folder of a node: made by the program itself, with a genesis for tests. */

/** The chain that a home folder is made for. */
export interface HomeOptions {
  readonly chainId: string;
  readonly blockTimeMs: number;
  /** Whether it keeps results and answers look-ups by hash. */
  readonly indexed: boolean;
}

/** What a message of one type costs, as the genesis of the module `flatfees` has it; amounts are decimal. */
export interface MessagePrice {
  readonly msg_type_url: string;
  readonly cost: readonly { readonly denom: string; readonly amount: string }[];
}

/**
 * The accounts of the reference's local network, by the bytes of their addresses, in its order; their keys are public.
 * The third is the validator's, the seventh manages the fee coin's marker.
 */
const ACCOUNTS = [
  "bc3e948c4b906252b4faeaa89baad743f1a9663d",
  "2e90f2f1006bc77b011cae26d2fb3aa76d9015bb",
  "32d28679b266469dbceca831ced51d3a3f133026",
  "05d803cf1a253ec7c16d1d856ae52c2392a3c97c",
  "bdb7907d621df85360a6f6da337b1f4e7d2a21c1",
  "019a2fbbe0ea23baeb48820308d5bbe69ef2eae0",
  "651a5e66d10381755083c5e4a7eec81da0d49086",
  "86bd695c155bdc9ff49fc0cd93c562cef8b52301",
].map((key) => accountAddressFromBytes(networks.local.accountPrefix, hexDecode(key)));
const AMOUNT = 12_500_000_000_000_000_000n;
const STAKE = "1000000000000000nhash";
const MARKER_MANAGER = ACCOUNTS[6]!;
const VALIDATOR_WORDS =
  "genuine kitten liar plunge swim host way stove space room boring interest rose artist into marine mushroom minimum tip unfair nose plunge nest glory";
const KEYRING = ["--keyring-backend", "test"];

/**
 * A chain's first and only validator, with the accounts of the reference's local network funded.
 * @param prices of the message types that do not cost the default of 150 musd
 * @throws Error when the program fails
 */
export async function makeValidatorHome(
  program: string,
  home: string,
  options: HomeOptions & { readonly prices: readonly MessagePrice[]; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { prices, signal } = options;
  const run = (rest: readonly string[], input?: string) => runProgram(program, home, rest, { input, signal });
  await initialize(program, home, options);
  const path = ["--hd-path", networks.local.derivationPath];
  await run(["keys", "add", "validator", "--recover", ...path, ...KEYRING], VALIDATOR_WORDS);
  await changeGenesis(home, (state) => {
    state.flatfees = {
      ...state.flatfees,
      msg_fees: prices,
      params: {
        default_cost: { denom: "musd", amount: "150" },
        conversion_factor: {
          definition_amount: { denom: "musd", amount: "25" },
          converted_amount: { denom: "nhash", amount: "1000000000" },
        },
        oracle_addresses: [],
      },
    };
    state.auth = {
      ...state.auth,
      accounts: ACCOUNTS.map((address, index) => ({
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        address,
        pub_key: null,
        account_number: index.toString(),
        sequence: "0",
      })),
    };
    state.bank = {
      ...state.bank,
      balances: ACCOUNTS.map((address) => ({ address, coins: [{ denom: "nhash", amount: AMOUNT.toString() }] })),
      supply: [{ denom: "nhash", amount: (AMOUNT * BigInt(ACCOUNTS.length)).toString() }],
    };
  });
  const marker = ["--manager", MARKER_MANAGER, "--access", "mint,burn,admin,withdraw,deposit", "--activate"];
  await run(["genesis", "add-marker", "100000000000000000000nhash", ...marker, ...KEYRING]);
  await run(["genesis", "gentx", "validator", STAKE, "--chain-id", options.chainId, ...KEYRING]);
  await run(["genesis", "collect-gentxs"]);
}

/** A second node of the chain of `first`, which it follows. @throws Error when the program fails */
export async function makeFollowerHome(
  program: string,
  home: string,
  options: HomeOptions,
  first: { readonly home: string; readonly peerPort: number },
): Promise<void> {
  await initialize(program, home, options);
  await copyFile(join(first.home, "config/genesis.json"), join(home, "config/genesis.json"));
  const peer = `${await nodeId(first.home)}@127.0.0.1:${first.peerPort}`;
  await changeSettings(home, { persistent_peers: `"${peer}"` });
}

async function initialize(program: string, home: string, options: HomeOptions): Promise<void> {
  await mkdir(home, { recursive: true });
  const { chainId, blockTimeMs, indexed } = options;
  const flags = ["--custom-denom", "nhash", "--timeout-commit", `${blockTimeMs}ms`, "--chain-id", chainId];
  await runProgram(program, home, ["init", "local", ...flags]);
  await changeSettings(home, {
    indexer: indexed ? '"kv"' : '"null"',
    // Several nodes of one machine know each other.
    addr_book_strict: "false",
    allow_duplicate_ip: "true",
  });
}

type Section = Readonly<Record<string, unknown>>;

async function changeGenesis(home: string, change: (state: Record<string, Section>) => void): Promise<void> {
  const path = join(home, "config/genesis.json");
  const genesis = JSON.parse(await readFile(path, "utf8")) as { readonly app_state: Record<string, Section> };
  change(genesis.app_state);
  await writeFile(path, JSON.stringify(genesis));
}

/** @throws Error for a setting that the program's own file does not have once */
async function changeSettings(home: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const path = join(home, "config/config.toml");
  let text = await readFile(path, "utf8");
  for (const [name, value] of Object.entries(settings)) {
    const line = new RegExp(`^${name} = .*$`, "gm");
    if (text.match(line)?.length !== 1) throw new Error(`config.toml does not have ${name} once`);
    text = text.replace(line, `${name} = ${value}`);
  }
  await writeFile(path, text);
}

/** A node's name among its peers: hex of the first 20 bytes of the SHA-256 of its public key (cometbft: p2p/key.go). */
async function nodeId(home: string): Promise<string> {
  const file = JSON.parse(await readFile(join(home, "config/node_key.json"), "utf8")) as {
    readonly priv_key: { readonly value: string };
  };
  const publicKey = base64Decode(file.priv_key.value).subarray(32);
  return hexEncode(sha256(publicKey).subarray(0, 20));
}
