import { create } from "@bufbuild/protobuf";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { accountKey, FEE_COLLECTOR, keyOfAccount, METADATA_MODULE, requireAccountText } from "../domain/addresses.ts";
import { MEMO_BYTES_MAX } from "../domain/admission.ts";
import { grantKey, isExpired } from "../domain/authorizations.ts";
import { balanceOf } from "../domain/bank.ts";
import { isDenomination } from "../domain/coins.ts";
import { allowanceKey, isAllowanceExpired } from "../domain/fee-allowances.ts";
import type { Account } from "../domain/ledger-state.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Reading } from "../node/ledger.ts";
import { paginate } from "./pagination.ts";
import { QueryRefusal } from "./query-refusal.ts";

/** Auth, bank, authz and feegrant queries over one state. */

function requireKey({ block }: Reading, address: string): string {
  if (address === "") throw new QueryRefusal("INVALID_ARGUMENT", "address cannot be empty");
  const key = accountKey(address, block.accountPrefix);
  if (key === undefined) throw new QueryRefusal("INVALID_ARGUMENT", `invalid address: ${address.slice(0, 120)}`);
  return key;
}

/** Accounts, grants and allowances say what is wrong with an address as a node's address codec does. */
function requireParticipant({ block }: Reading, address: string): string {
  try {
    return keyOfAccount(requireAccountText(address, block.accountPrefix));
  } catch (error) {
    if (error instanceof Refusal && error.codespace === "undefined") throw new QueryRefusal("UNKNOWN", error.message);
    throw error;
  }
}

function requireDenomination(denom: string): void {
  if (!isDenomination(denom)) throw new QueryRefusal("INVALID_ARGUMENT", `invalid denom: ${denom.slice(0, 140)}`);
}

function requireAccount(reading: Reading, address: string): Account {
  if (address === "") throw new QueryRefusal("INVALID_ARGUMENT", "Address cannot be empty");
  const account = reading.state.accounts.get(requireParticipant(reading, address));
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

/** `cosmos.auth.v1beta1.Query/Account` */
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

/** `cosmos.auth.v1beta1.Query/AccountInfo` */
export function accountInfo(
  reading: Reading,
  request: cosmos.auth.QueryAccountInfoRequest,
): cosmos.auth.QueryAccountInfoResponse {
  // The address that was asked for comes back as it was written.
  const info = { ...baseAccount(requireAccount(reading, request.address)), address: request.address };
  return create(cosmos.auth.QueryAccountInfoResponseSchema, { info });
}

/** `cosmos.auth.v1beta1.Query/Params` */
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

/** `cosmos.bank.v1beta1.Query/Balance` */
export function balance(reading: Reading, request: { address: string; denom: string }): cosmos.coin.Coin {
  const key = requireKey(reading, request.address);
  requireDenomination(request.denom);
  return coin(request.denom, balanceOf(reading.state, key, request.denom));
}

/** `cosmos.bank.v1beta1.Query/AllBalances` */
export function balances(
  reading: Reading,
  request: { address: string; pagination?: cosmos.query.PageRequest | undefined },
): { balances: cosmos.coin.Coin[]; pagination: cosmos.query.PageResponse } {
  const prefix = `${requireKey(reading, request.address)}/`;
  const { items, pagination } = paginate(reading.state.balances, request.pagination, {
    prefix,
    paging: "collection",
    bothGiven: "INVALID_ARGUMENT",
  });
  return { balances: items.map(([key, amount]) => coin(key.slice(prefix.length), amount)), pagination };
}

/** `cosmos.bank.v1beta1.Query/TotalSupply` */
export function totalSupply(
  { state }: Reading,
  request: cosmos.bank.QueryTotalSupplyRequest,
): cosmos.bank.QueryTotalSupplyResponse {
  const { items, pagination } = paginate(state.supply, request.pagination, {
    paging: "collection",
    bothGiven: "INTERNAL",
  });
  const supply = items.map(([denom, amount]) => coin(denom, amount));
  return create(cosmos.bank.QueryTotalSupplyResponseSchema, { supply, pagination });
}

/** `cosmos.bank.v1beta1.Query/SupplyOf` */
export function supplyOf(
  { state }: Reading,
  { denom }: cosmos.bank.QuerySupplyOfRequest,
): cosmos.bank.QuerySupplyOfResponse {
  requireDenomination(denom);
  return create(cosmos.bank.QuerySupplyOfResponseSchema, { amount: coin(denom, state.supply.get(denom) ?? 0n) });
}

/** `cosmos.bank.v1beta1.Query/DenomOwners` */
export function denomOwners(
  { state }: Reading,
  request: cosmos.bank.QueryDenomOwnersRequest,
): cosmos.bank.QueryDenomOwnersResponse {
  requireDenomination(request.denom);
  const prefix = `${request.denom}/`;
  const { items, pagination } = paginate(state.holders, request.pagination, {
    prefix,
    paging: "collection",
    includes: (key) => !key.slice(prefix.length).includes("/"),
  });
  const owners = items.map(([key, amount]) => ({
    address: state.accounts.get(key.slice(prefix.length))?.address ?? "",
    balance: coin(request.denom, amount),
  }));
  return create(cosmos.bank.QueryDenomOwnersResponseSchema, { denomOwners: owners, pagination });
}

/** `cosmos.authz.v1beta1.Query/Grants` */
export function grants(reading: Reading, request: cosmos.authz.QueryGrantsRequest): cosmos.authz.QueryGrantsResponse {
  const granter = requireParticipant(reading, request.granter);
  const grantee = requireParticipant(reading, request.grantee);
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
  const { items, pagination } = paginate(state.grants, request.pagination, {
    prefix: `${granter}/${grantee}/`,
    ...liveGrants(reading),
  });
  const found = items.map(([, grant]) => toGrant(grant));
  return create(cosmos.authz.QueryGrantsResponseSchema, { grants: found, pagination });
}

/** A node has removed the others. */
function liveGrants({ block }: Reading) {
  const includes = (_: string, grant: cosmos.authz.GrantAuthorization) => !isExpired(grant, block.timeMs);
  return { paging: "store", includes } as const;
}

function toGrant({ authorization, expiration }: cosmos.authz.GrantAuthorization): cosmos.authz.Grant {
  return create(cosmos.authz.GrantSchema, {
    ...(authorization === undefined ? {} : { authorization }),
    ...(expiration === undefined ? {} : { expiration }),
  });
}

/** `cosmos.authz.v1beta1.Query/GranterGrants` */
export function granterGrants(
  reading: Reading,
  request: cosmos.authz.QueryGranterGrantsRequest,
): cosmos.authz.QueryGranterGrantsResponse {
  const prefix = `${requireParticipant(reading, request.granter)}/`;
  const { items, pagination } = paginate(reading.state.grants, request.pagination, { prefix, ...liveGrants(reading) });
  // The address that was asked for comes back as it was written.
  const found = items.map(([, grant]) => ({ ...grant, granter: request.granter }));
  return create(cosmos.authz.QueryGranterGrantsResponseSchema, { grants: found, pagination });
}

/** `cosmos.authz.v1beta1.Query/GranteeGrants` */
export function granteeGrants(
  reading: Reading,
  request: cosmos.authz.QueryGranteeGrantsRequest,
): cosmos.authz.QueryGranteeGrantsResponse {
  const prefix = `${requireParticipant(reading, request.grantee)}/`;
  const ofKey = (key: string) => reading.state.grants.get(key);
  const { paging, includes } = liveGrants(reading);
  const { items, pagination } = paginate(reading.state.grantsByGrantee, request.pagination, {
    prefix,
    paging,
    includes: (_, key) => {
      const grant = ofKey(key);
      return grant !== undefined && includes(key, grant);
    },
  });
  const found = items.flatMap(([, key]) => ofKey(key) ?? []).map((grant) => ({ ...grant, grantee: request.grantee }));
  return create(cosmos.authz.QueryGranteeGrantsResponseSchema, { grants: found, pagination });
}

/** `cosmos.feegrant.v1beta1.Query/Allowance` */
export function allowance(
  reading: Reading,
  request: cosmos.feegrant.QueryAllowanceRequest,
): cosmos.feegrant.QueryAllowanceResponse {
  requireParticipant(reading, request.granter);
  requireParticipant(reading, request.grantee);
  const found = reading.state.allowances.get(allowanceKey(request.granter, request.grantee));
  if (found === undefined || isAllowanceExpired(found, reading.block.timeMs)) {
    throw new QueryRefusal("INTERNAL", "fee-grant not found: not found");
  }
  const { granter, grantee } = request;
  return create(cosmos.feegrant.QueryAllowanceResponseSchema, { allowance: { ...found, granter, grantee } });
}

/** A node has removed the others. */
function liveAllowances({ block }: Reading, includes: (key: string) => boolean = () => true) {
  return {
    paging: "store",
    bothGiven: "INTERNAL",
    includes: (key: string, grant: cosmos.feegrant.Grant) => includes(key) && !isAllowanceExpired(grant, block.timeMs),
  } as const;
}

/** `cosmos.feegrant.v1beta1.Query/Allowances` */
export function allowances(
  reading: Reading,
  request: cosmos.feegrant.QueryAllowancesRequest,
): cosmos.feegrant.QueryAllowancesResponse {
  const prefix = `${requireParticipant(reading, request.grantee)}/`;
  const { items, pagination } = paginate(reading.state.allowances, request.pagination, {
    prefix,
    ...liveAllowances(reading),
  });
  const found = items.map(([, grant]) => grant);
  return create(cosmos.feegrant.QueryAllowancesResponseSchema, { allowances: found, pagination });
}

/** `cosmos.feegrant.v1beta1.Query/AllowancesByGranter` */
export function allowancesByGranter(
  reading: Reading,
  request: cosmos.feegrant.QueryAllowancesByGranterRequest,
): cosmos.feegrant.QueryAllowancesByGranterResponse {
  const granter = requireParticipant(reading, request.granter);
  const { items, pagination } = paginate(
    reading.state.allowances,
    request.pagination,
    liveAllowances(reading, (key) => key.endsWith(`/${granter}`)),
  );
  const found = items.map(([, grant]) => grant);
  return create(cosmos.feegrant.QueryAllowancesByGranterResponseSchema, { allowances: found, pagination });
}
