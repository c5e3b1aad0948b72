import { create } from "@bufbuild/protobuf";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { accountKey, FEE_COLLECTOR, METADATA_MODULE } from "../domain/addresses.ts";
import { MEMO_BYTES_MAX } from "../domain/admission.ts";
import { grantKey, isExpired } from "../domain/authorizations.ts";
import { balanceOf } from "../domain/bank.ts";
import { isDenomination } from "../domain/coins.ts";
import { allowanceKey, isAllowanceExpired } from "../domain/fee-allowances.ts";
import type { Account } from "../domain/ledger-state.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Reading } from "../node/ledger.ts";
import { paginate } from "./pagination.ts";

/** Auth, bank, authz and feegrant queries over one state. */

/** A refusal that has a gRPC status of its own instead of a code of the chain. */
export class QueryRefusal extends Error {
  override readonly name = "QueryRefusal";
  readonly status: "NOT_FOUND" | "INVALID_ARGUMENT" | "INTERNAL" | "UNKNOWN";

  constructor(status: QueryRefusal["status"], message: string) {
    super(message);
    this.status = status;
  }
}

function requireKey({ block }: Reading, address: string): string {
  if (address === "") throw new QueryRefusal("INVALID_ARGUMENT", "address cannot be empty");
  const key = accountKey(address, block.accountPrefix);
  if (key === undefined) throw new QueryRefusal("INVALID_ARGUMENT", `invalid address: ${address.slice(0, 120)}`);
  return key;
}

/** The modules of grants and allowances give no class to an address that is none. */
function requireParticipant({ block }: Reading, address: string, what: "granter" | "grantee"): string {
  const key = accountKey(address, block.accountPrefix);
  if (key === undefined) throw new QueryRefusal("UNKNOWN", `invalid ${what} address: ${address.slice(0, 120)}`);
  return key;
}

function requireDenomination(denom: string): void {
  if (!isDenomination(denom)) throw new QueryRefusal("INVALID_ARGUMENT", `invalid denom: ${denom.slice(0, 140)}`);
}

function requireAccount(reading: Reading, address: string): Account {
  if (address === "") throw new QueryRefusal("INVALID_ARGUMENT", "Address cannot be empty");
  const key = accountKey(address, reading.block.accountPrefix);
  if (key === undefined) throw new QueryRefusal("UNKNOWN", `not an account address: ${address.slice(0, 120)}`);
  const account = reading.state.accounts.get(key);
  if (account === undefined) throw new QueryRefusal("NOT_FOUND", `account ${address} not found`);
  return account;
}

function baseAccount({ address, number, sequence, publicKey }: Account): cosmos.auth.BaseAccount {
  const base = create(cosmos.auth.BaseAccountSchema, { address, accountNumber: number, sequence });
  if (publicKey === undefined) return base;
  const key = create(cosmos.secp256k1.PubKeySchema, { key: publicKey });
  return { ...base, pubKey: packAny(cosmos.secp256k1.PubKeySchema, key) };
}

const modulePermissions: Readonly<Record<string, string[]>> = {
  [METADATA_MODULE]: ["minter", "burner"],
  [FEE_COLLECTOR]: [],
  mint: ["minter"],
  gov: ["burner"],
};

export function account(reading: Reading, request: cosmos.auth.QueryAccountRequest): cosmos.auth.QueryAccountResponse {
  const found = requireAccount(reading, request.address);
  return create(cosmos.auth.QueryAccountResponseSchema, { account: accountAny(reading, found) });
}

function accountAny(reading: Reading, found: Account) {
  const base = baseAccount(found);
  if (found.kind === "base") return packAny(cosmos.auth.BaseAccountSchema, base);
  if (found.kind === "module") {
    const permissions = modulePermissions[found.name] ?? [];
    const module = create(cosmos.auth.ModuleAccountSchema, { baseAccount: base, name: found.name, permissions });
    return packAny(cosmos.auth.ModuleAccountSchema, module);
  }
  const marker = create(cosmos.marker.MarkerAccountSchema, {
    baseAccount: base,
    manager: found.manager,
    status: cosmos.marker.MarkerStatus.ACTIVE,
    denom: found.name,
    supply: (reading.state.supply.get(found.name) ?? 0n).toString(),
    markerType: cosmos.marker.MarkerType.COIN,
    supplyFixed: true,
  });
  return packAny(cosmos.marker.MarkerAccountSchema, marker);
}

export function accountInfo(
  reading: Reading,
  request: cosmos.auth.QueryAccountInfoRequest,
): cosmos.auth.QueryAccountInfoResponse {
  const info = baseAccount(requireAccount(reading, request.address));
  return create(cosmos.auth.QueryAccountInfoResponseSchema, { info });
}

export function authParams(): cosmos.auth.QueryParamsResponse {
  return create(cosmos.auth.QueryParamsResponseSchema, {
    params: {
      maxMemoCharacters: BigInt(MEMO_BYTES_MAX),
      txSigLimit: 7n,
      txSizeCostPerByte: 10n,
      sigVerifyCostEd25519: 590n,
      sigVerifyCostSecp256k1: 1000n,
    },
  });
}

function coin(denom: string, amount: bigint): cosmos.coin.Coin {
  return create(cosmos.coin.CoinSchema, { denom, amount: amount.toString() });
}

export function balance(reading: Reading, request: { address: string; denom: string }): cosmos.coin.Coin {
  const key = requireKey(reading, request.address);
  requireDenomination(request.denom);
  return coin(request.denom, balanceOf(reading.state, key, request.denom));
}

export function balances(
  reading: Reading,
  request: { address: string; pagination?: cosmos.query.PageRequest | undefined },
): { balances: cosmos.coin.Coin[]; pagination: cosmos.query.PageResponse } {
  const prefix = `${requireKey(reading, request.address)}/`;
  const { items, pagination } = paginate(reading.state.balances, prefix, request.pagination);
  return { balances: items.map(([key, amount]) => coin(key.slice(prefix.length), amount)), pagination };
}

export function totalSupply(
  { state }: Reading,
  request: cosmos.bank.QueryTotalSupplyRequest,
): cosmos.bank.QueryTotalSupplyResponse {
  const { items, pagination } = paginate(state.supply, "", request.pagination);
  const supply = items.map(([denom, amount]) => coin(denom, amount));
  return create(cosmos.bank.QueryTotalSupplyResponseSchema, { supply, pagination });
}

export function supplyOf(
  { state }: Reading,
  { denom }: cosmos.bank.QuerySupplyOfRequest,
): cosmos.bank.QuerySupplyOfResponse {
  requireDenomination(denom);
  return create(cosmos.bank.QuerySupplyOfResponseSchema, { amount: coin(denom, state.supply.get(denom) ?? 0n) });
}

export function denomOwners(
  { state }: Reading,
  request: cosmos.bank.QueryDenomOwnersRequest,
): cosmos.bank.QueryDenomOwnersResponse {
  requireDenomination(request.denom);
  const prefix = `${request.denom}/`;
  const { items, pagination } = paginate(state.holders, prefix, request.pagination);
  const owners = items
    .filter(([key]) => !key.slice(prefix.length).includes("/"))
    .map(([key, amount]) => ({
      address: state.accounts.get(key.slice(prefix.length))?.address ?? "",
      balance: coin(request.denom, amount),
    }));
  return create(cosmos.bank.QueryDenomOwnersResponseSchema, { denomOwners: owners, pagination });
}

export function grants(reading: Reading, request: cosmos.authz.QueryGrantsRequest): cosmos.authz.QueryGrantsResponse {
  const granter = requireParticipant(reading, request.granter, "granter");
  const grantee = requireParticipant(reading, request.grantee, "grantee");
  const { state, block } = reading;
  if (request.msgTypeUrl !== "") {
    const found = state.grants.get(grantKey(request.granter, request.grantee, request.msgTypeUrl));
    if (found === undefined || isExpired(found, block.timeMs)) {
      throw new Refusal(
        "authz",
        2,
        `authorization not found for ${request.msgTypeUrl} type`,
        "authorization not found",
      );
    }
    return create(cosmos.authz.QueryGrantsResponseSchema, { grants: [toGrant(found)] });
  }
  const { items, pagination } = paginate(state.grants, `${granter}/${grantee}/`, request.pagination);
  const live = items.filter(([, grant]) => !isExpired(grant, block.timeMs)).map(([, grant]) => toGrant(grant));
  return create(cosmos.authz.QueryGrantsResponseSchema, { grants: live, pagination });
}

function toGrant({ authorization, expiration }: cosmos.authz.GrantAuthorization): cosmos.authz.Grant {
  return create(cosmos.authz.GrantSchema, {
    ...(authorization === undefined ? {} : { authorization }),
    ...(expiration === undefined ? {} : { expiration }),
  });
}

export function granterGrants(
  reading: Reading,
  request: cosmos.authz.QueryGranterGrantsRequest,
): cosmos.authz.QueryGranterGrantsResponse {
  const prefix = `${requireParticipant(reading, request.granter, "granter")}/`;
  const { items, pagination } = paginate(reading.state.grants, prefix, request.pagination);
  const live = items.map(([, grant]) => grant).filter((grant) => !isExpired(grant, reading.block.timeMs));
  return create(cosmos.authz.QueryGranterGrantsResponseSchema, { grants: live, pagination });
}

export function granteeGrants(
  reading: Reading,
  request: cosmos.authz.QueryGranteeGrantsRequest,
): cosmos.authz.QueryGranteeGrantsResponse {
  const prefix = `${requireParticipant(reading, request.grantee, "grantee")}/`;
  const { items, pagination } = paginate(reading.state.grantsByGrantee, prefix, request.pagination);
  const live = items.flatMap(([, key]) => {
    const grant = reading.state.grants.get(key);
    return grant === undefined || isExpired(grant, reading.block.timeMs) ? [] : [grant];
  });
  return create(cosmos.authz.QueryGranteeGrantsResponseSchema, { grants: live, pagination });
}

export function allowance(
  reading: Reading,
  request: cosmos.feegrant.QueryAllowanceRequest,
): cosmos.feegrant.QueryAllowanceResponse {
  requireParticipant(reading, request.granter, "granter");
  requireParticipant(reading, request.grantee, "grantee");
  const found = reading.state.allowances.get(allowanceKey(request.granter, request.grantee));
  if (found === undefined || isAllowanceExpired(found, reading.block.timeMs)) {
    throw new QueryRefusal("INTERNAL", "fee-grant not found: not found");
  }
  return create(cosmos.feegrant.QueryAllowanceResponseSchema, { allowance: found });
}

export function allowances(
  reading: Reading,
  request: cosmos.feegrant.QueryAllowancesRequest,
): cosmos.feegrant.QueryAllowancesResponse {
  const prefix = `${requireParticipant(reading, request.grantee, "grantee")}/`;
  const { items, pagination } = paginate(reading.state.allowances, prefix, request.pagination);
  const found = items.map(([, grant]) => grant).filter((grant) => !isAllowanceExpired(grant, reading.block.timeMs));
  return create(cosmos.feegrant.QueryAllowancesResponseSchema, { allowances: found, pagination });
}

export function allowancesByGranter(
  reading: Reading,
  request: cosmos.feegrant.QueryAllowancesByGranterRequest,
): cosmos.feegrant.QueryAllowancesByGranterResponse {
  const granter = requireParticipant(reading, request.granter, "granter");
  const found = [...reading.state.allowances.entries()]
    .filter(([key]) => key.endsWith(`/${granter}`))
    .map(([, grant]) => grant)
    .filter((grant) => !isAllowanceExpired(grant, reading.block.timeMs));
  return create(cosmos.feegrant.QueryAllowancesByGranterResponseSchema, { allowances: found });
}
