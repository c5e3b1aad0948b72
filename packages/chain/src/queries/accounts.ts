import { type AccountAddress, hasCode, isP8eError } from "@p8e/core";
import { unpackAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import type { AskOptions, NodeEndpoint } from "../endpoint/endpoint.ts";
import { type Amount, NHASH, parseCoins } from "../transactions/fees.ts";

/** What the chain knows of accounts: numbers, balances, and what they let others do. */

/** An account that the chain has seen. */
export interface Account {
  readonly address: AccountAddress;
  readonly accountNumber: bigint;
  /** Of the next transaction, as of the last block. */
  readonly sequence: bigint;
  /** secp256k1, compressed; absent until the account's first transaction. */
  readonly publicKey: Uint8Array | undefined;
}

/** An account that exists and never signed: the chain takes it for a smart contract when it is named as a party. */
export function isSilentAccount(account: Account): boolean {
  return account.sequence === 0n && account.publicKey === undefined;
}

/** Questions about accounts, as of the last block or of a past one. */
export class AccountQueries {
  readonly #node: NodeEndpoint;

  constructor(node: NodeEndpoint) {
    this.#node = node;
  }

  /** Undefined for an address the chain has never seen. */
  async account(address: AccountAddress, options: AskOptions = {}): Promise<Account | undefined> {
    try {
      const { info } = await this.#node.ask((call) => this.#node.auth.accountInfo({ address }, call), options);
      if (info === undefined) return undefined;
      return {
        address,
        accountNumber: info.accountNumber,
        sequence: info.sequence,
        publicKey: info.pubKey === undefined ? undefined : secp256k1Key(info.pubKey),
      };
    } catch (error) {
      if (hasCode(error, "ledger.not_found")) return undefined;
      throw error;
    }
  }

  /** In nhash unless another denomination is named; zero for an address the chain has never seen. */
  async balance(
    address: AccountAddress,
    options: AskOptions & { readonly denomination?: string } = {},
  ): Promise<bigint> {
    const denom = options.denomination ?? NHASH;
    const reply = await this.#node.ask((call) => this.#node.bank.balance({ address, denom }, call), options);
    return reply.balance === undefined ? 0n : (parseCoins([reply.balance])[0]?.amount ?? 0n);
  }

  /** Up to 1000 denominations. */
  async balances(address: AccountAddress, options: AskOptions = {}): Promise<readonly Amount[]> {
    const reply = await this.#node.ask(
      (call) => this.#node.bank.allBalances({ address, pagination: { limit: 1000n } }, call),
      options,
    );
    return parseCoins(reply.balances);
  }

  /**
   * What `granter` lets `grantee` do, with the count that is left and the end of each grant. Grants that are used up or
   * whose time is over are gone from the chain; kinds that this package does not give are left out.
   */
  async grants(
    granter: AccountAddress,
    grantee: AccountAddress,
    options: AskOptions & { readonly messageTypeUrl?: string } = {},
  ): Promise<readonly AuthorizationGrant[]> {
    try {
      const reply = await this.#node.ask(
        (call) =>
          this.#node.authz.grants(
            { granter, grantee, msgTypeUrl: options.messageTypeUrl ?? "", pagination: { limit: GRANTS_MAX } },
            call,
          ),
        options,
      );
      return reply.grants.flatMap((grant) => readGrant(grant) ?? []);
    } catch (error) {
      // Asked for one message type, a node answers "not found" instead of an empty list.
      if (isNoGrant(error)) return [];
      throw error;
    }
  }

  /** Whether `granter` pays fees for `grantee`; the chain checks limits and expiry when it is used. */
  async hasFeeAllowance(granter: AccountAddress, grantee: AccountAddress, options: AskOptions = {}): Promise<boolean> {
    try {
      const reply = await this.#node.ask((call) => this.#node.feegrant.allowance({ granter, grantee }, call), options);
      return reply.allowance !== undefined;
    } catch (error) {
      // A node answers INTERNAL where there is no allowance.
      if (isP8eError(error) && ["ledger.not_found", "rpc.failed"].includes(error.code)) return false;
      throw error;
    }
  }
}

/** There is one grant for a type of message, and chains have a few hundred types. */
const GRANTS_MAX = 1000n;

/** What one account lets another do in its name. */
export interface AuthorizationGrant {
  readonly messageTypeUrl: string;
  /** How often it can still be used; undefined: any number of times. */
  readonly uses: number | undefined;
  /** Milliseconds since 1970; undefined: for ever. */
  readonly expiresAtMs: number | undefined;
}

/** Undefined for kinds of authorization that this package does not give. */
function readGrant(grant: cosmos.authz.Grant): AuthorizationGrant | undefined {
  const { authorization, expiration } = grant;
  if (authorization === undefined) return undefined;
  const expiresAtMs =
    expiration === undefined ? undefined : Number(expiration.seconds) * 1000 + Math.floor(expiration.nanos / 1e6);
  const { CountAuthorizationSchema, GenericAuthorizationSchema } = cosmos.authz;
  if (authorization.typeUrl === `/${GenericAuthorizationSchema.typeName}`) {
    return { messageTypeUrl: unpackAny(authorization, GenericAuthorizationSchema).msg, uses: undefined, expiresAtMs };
  }
  if (authorization.typeUrl === `/${CountAuthorizationSchema.typeName}`) {
    const { msg, allowedAuthorizations } = unpackAny(authorization, CountAuthorizationSchema);
    return { messageTypeUrl: msg, uses: allowedAuthorizations, expiresAtMs };
  }
  return undefined;
}

function isNoGrant(error: unknown): boolean {
  if (!isP8eError(error)) return false;
  return error.code === "ledger.not_found" || (error.code === "rpc.failed" && /not found/i.test(error.message));
}

function secp256k1Key(packed: { readonly typeUrl: string; readonly value: Uint8Array }): Uint8Array | undefined {
  if (packed.typeUrl !== `/${cosmos.secp256k1.PubKeySchema.typeName}`) return undefined;
  return unpackAny({ $typeName: "google.protobuf.Any", ...packed }, cosmos.secp256k1.PubKeySchema).key;
}
