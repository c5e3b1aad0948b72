import { create } from "@bufbuild/protobuf";
import {
  base64Encode,
  contractSpecificationAddress,
  metadataAddressFromBytes,
  recordAddress,
  recordSpecificationAddress,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
  utf8Encode,
} from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as fees from "@p8e/proto/fees";
import * as metadata from "@p8e/proto/metadata";
import { scopeBytes } from "../ledger-conformance/messages.ts";
import type { World } from "../ledger-conformance/world.ts";
import type { Cast } from "./cast.ts";
import type { Choice } from "./choice.ts";
import { comparable } from "./comparable.ts";
import { address, messageType } from "./generate-values.ts";
import { type QueryStep, query } from "./step.ts";
import { uris } from "./uris.ts";

type Generate = (choice: Choice, cast: Cast) => QueryStep;

const { auth, bank, authz, feegrant } = cosmos;

/** Pages that somebody might ask for. */
function pageOf(choice: Choice) {
  const pages = [
    undefined,
    undefined,
    {},
    { limit: 1n },
    { limit: 2n, countTotal: true },
    { limit: 2n, offset: 1n },
    { offset: 1n },
    { offset: 1_000n, limit: 2n },
    { offset: 1n, key: new Uint8Array([1]) },
    { limit: 1n, reverse: true },
    { reverse: true },
    { countTotal: true },
    { limit: 2n ** 64n - 1n },
    { offset: 2n ** 64n - 1n, limit: 1n },
  ] as const;
  const pagination = choice.of(pages);
  return {
    text: JSON.stringify(pagination, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
    ...(pagination === undefined ? {} : { pagination }),
  };
}

const ofAccounts: Generate = (choice, cast) => {
  const someone = address(choice, cast, 3);
  const other = address(choice, cast, 3);
  const denom = choice.mostly("nhash", ["", "x", "usd", "n hash", "nhash!", `nft/${scopeAddress(cast.scopes[0])}`], 2);
  const { text, ...page } = pageOf(choice);
  const about = `${someone} ${denom} ${text}`;
  return choice.of([
    () => query(auth.Query.method.account, { address: someone }, someone),
    () => query(auth.Query.method.accountInfo, { address: someone }, someone),
    () => query(bank.Query.method.balance, { address: someone, denom }, about),
    () => query(bank.Query.method.spendableBalanceByDenom, { address: someone, denom }, about),
    () => query(bank.Query.method.allBalances, { address: someone, ...page }, about),
    () => query(bank.Query.method.spendableBalances, { address: someone, ...page }, about),
    () =>
      query(
        bank.Query.method.supplyOf,
        { denom: choice.of(["", "x", "n hash", `nft/${scopeAddress(cast.scopes[0])}`]) },
        denom,
      ),
    () =>
      query(
        bank.Query.method.denomOwners,
        { denom: choice.of(["", "x", "n hash", `nft/${scopeAddress(cast.scopes[0])}`]), ...page },
        about,
      ),
    () =>
      query(
        authz.Query.method.grants,
        { granter: someone, grantee: other, msgTypeUrl: choice.mostly("", [messageType(choice)], 2), ...page },
        `${about} ${other}`,
      ),
    () => query(authz.Query.method.granterGrants, { granter: someone, ...page }, about),
    () => query(authz.Query.method.granteeGrants, { grantee: someone, ...page }, about),
    () => query(feegrant.Query.method.allowance, { granter: someone, grantee: other }, `${someone} ${other}`),
    () => query(feegrant.Query.method.allowances, { grantee: someone, ...page }, about),
    () => query(feegrant.Query.method.allowancesByGranter, { granter: someone, ...page }, about),
  ])();
};

const ofFees: Generate = (choice) => {
  const { text, ...page } = pageOf(choice);
  const url = messageType(choice);
  const gasAdjustment = choice.of([0, 1, 2.5, 10, 10.5, -1, Number.NaN]);
  return choice.of([
    () => query(fees.flat.Query.method.msgFee, { msgTypeUrl: url, doNotConvert: choice.once(2) }, url),
    () =>
      query(
        fees.flat.Query.method.calculateTxFees,
        { gasAdjustment, txBytes: new Uint8Array(choice.of([[], [1, 2, 3]])) },
        `${gasAdjustment}`,
      ),
    () =>
      query(
        fees.perMessage.Query.method.calculateTxFees,
        { gasAdjustment, txBytes: new Uint8Array(choice.of([[], [1, 2, 3]])) },
        `${gasAdjustment}`,
      ),
    () => query(cosmos.tx.Service.method.simulate, { txBytes: new Uint8Array(choice.of([[], [1, 2, 3]])) }, text),
    () =>
      query(
        cosmos.tx.Service.method.getTx,
        {
          hash: choice.of(["", "x", "ABC", "00".repeat(32), "00".repeat(31), "zz".repeat(32), `0x${"00".repeat(32)}`]),
        },
        "an odd hash",
      ),
    () =>
      query(
        cosmos.tx.Service.method.broadcastTx,
        { txBytes: new Uint8Array(choice.of([[], [1]])), mode: choice.of([0, 1, 2, 3, 9]) as cosmos.tx.BroadcastMode },
        "odd bytes",
      ),
    () =>
      query(
        cosmos.tx.Service.method.getBlockWithTxs,
        { height: choice.of([0n, -1n, 2n ** 62n]), ...page },
        "of an odd height",
      ),
    () =>
      query(
        cosmos.tendermint.Service.method.getBlockByHeight,
        { height: choice.of([0n, -1n, 2n ** 62n]) },
        "of an odd height",
      ),
    () =>
      query(
        fees.flat.Query.method.allMsgFees,
        { doNotConvert: true, pagination: { offset: 1n, key: new Uint8Array([1]) } },
        "offset and key",
      ),
  ])();
};

function ids(choice: Choice, cast: Cast) {
  const [uuid, run] = [choice.of(cast.scopes), choice.of(cast.sessions)];
  const contract = cast.family.contract;
  const addresses = {
    scope: scopeAddress(uuid),
    session: sessionAddress(uuid, run),
    record: recordAddress(uuid, "name"),
    contract: contractSpecificationAddress(cast.family.contractUuid),
    scopeSpecification: metadataAddressFromBytes(cast.family.scopeSpecification),
    recordSpecification: recordSpecificationAddress(cast.family.contractUuid, "name"),
  };
  const odd = [
    "",
    "x",
    " ",
    ...Object.values(addresses),
    uuid,
    uuid.toUpperCase(),
    `{${uuid}}`,
    cast.family.contractUuid,
    addresses.scope.toUpperCase(),
    ` ${addresses.scope}`,
    scopeSpecificationAddress(run),
    cast.people[0].address,
  ];
  return { uuid, run, contract, addresses, or: (usual: string) => choice.mostly(usual, odd, 3) };
}

const ofMetadata: Generate = (choice, cast) => {
  const { addresses, or, uuid, run } = ids(choice, cast);
  const { text, ...page } = pageOf(choice);
  const common = { excludeIdInfo: choice.once(3), includeRequest: choice.once(5) };
  const [first, second, third] = [choice.once(2), choice.once(2), choice.once(2)];
  const name = choice.mostly("name", ["", " ", "Name", "other"], 3);
  const given = {
    scope: first ? or(choice.of([addresses.scope, uuid])) : "",
    session: second ? or(choice.of([addresses.session, run])) : "",
    record: third ? or(addresses.record) : "",
  };
  const about = JSON.stringify({ ...given, name });
  const m = metadata.Query.method;
  return choice.of([
    () =>
      query(
        m.scope,
        {
          scopeId: given.scope,
          sessionAddr: given.session,
          recordAddr: given.record,
          includeSessions: true,
          includeRecords: true,
          ...common,
        },
        about,
      ),
    () =>
      query(
        m.sessions,
        {
          scopeId: given.scope,
          sessionId: given.session,
          recordAddr: given.record,
          recordName: choice.once(2) ? name : "",
          includeScope: true,
          includeRecords: true,
          ...common,
        },
        about,
      ),
    () =>
      query(
        m.records,
        {
          scopeId: given.scope,
          sessionId: given.session,
          recordAddr: given.record,
          name: choice.once(2) ? name : "",
          includeScope: true,
          includeSessions: true,
          ...common,
        },
        about,
      ),
    () => query(m.ownership, { address: address(choice, cast, 3), ...page }, text),
    () => query(m.valueOwnership, { address: address(choice, cast, 3), ...page }, text),
    () =>
      query(
        m.scopeSpecification,
        {
          specificationId: or(addresses.scopeSpecification),
          includeContractSpecs: true,
          includeRecordSpecs: true,
          ...common,
        },
        "by an id",
      ),
    () =>
      query(
        m.contractSpecification,
        { specificationId: or(addresses.contract), includeRecordSpecs: true, ...common },
        "by an id",
      ),
    () =>
      query(
        m.recordSpecificationsForContractSpecification,
        { specificationId: or(addresses.contract), ...common },
        "by an id",
      ),
    () =>
      query(
        m.recordSpecification,
        { specificationId: or(choice.of([addresses.recordSpecification, addresses.contract])), name, ...common },
        `by an id and "${name}"`,
      ),
    () =>
      query(
        m.getByAddr,
        { addrs: choice.some([or(addresses.scope), addresses.session, addresses.record, "x", ""], 3) },
        "by addresses",
      ),
    () => query(m.oSLocator, { owner: address(choice, cast, 3) }, "of somebody"),
    () => query(m.oSLocatorsByURI, { uri: uriQuery(choice) }, "by a uri"),
    () => query(m.oSLocatorsByScope, { scopeId: or(addresses.scope) }, "of a scope"),
    () =>
      query(
        m.accountData,
        {
          metadataAddr: choice.mostly(
            scopeBytes(uuid),
            [new Uint8Array(0), new Uint8Array([1, 2]), cast.family.contract, utf8Encode(addresses.scope)],
            2,
          ),
        },
        "of an address",
      ),
    () => query(m.scopeNetAssetValues, { id: or(addresses.scope) }, "of a scope"),
    () => query(m.oSLocatorParams, { includeRequest: true }),
    () => query(m.params, { includeRequest: true }),
  ])();
};

function uriQuery(choice: Choice): string {
  const uri = choice.of(uris);
  return choice.mostly(uri, [base64Encode(utf8Encode(uri)), `${uri}/`, "abcd", "YWJj"], 3);
}

/** All pages of a list: the keys of the pages are each node's own, what lies on them is not. */
const walk: Generate = (choice, cast) => {
  const address = choice.of(cast.people).address;
  const [limit, reverse] = [BigInt(1 + choice.below(2)), choice.once(3)];
  const ask = choice.of<(world: World, pagination: cosmos.query.PageRequest) => Promise<Listed>>([
    async ({ endpoint }, pagination) => {
      const { balances, pagination: page } = await endpoint.ask(bank.Query.method.allBalances, { address, pagination });
      return { items: balances.map(comparable), page };
    },
    async ({ endpoint }, pagination) => {
      const request = { granter: address, pagination };
      const { grants, pagination: page } = await endpoint.ask(authz.Query.method.granterGrants, request);
      return { items: grants.map(comparable), page };
    },
    async ({ endpoint }, pagination) => {
      const { allowances, pagination: page } = await endpoint.ask(feegrant.Query.method.allowancesByGranter, {
        granter: address,
        pagination,
      });
      return { items: allowances.map(comparable), page };
    },
    async ({ endpoint }, pagination) => {
      const { scopeUuids, pagination: page } = await endpoint.ask(metadata.Query.method.ownership, {
        address,
        pagination,
      });
      return { items: scopeUuids, page };
    },
    async ({ endpoint }, pagination) => {
      const { scopeUuids, pagination: page } = await endpoint.ask(metadata.Query.method.valueOwnership, {
        address,
        pagination,
      });
      return { items: scopeUuids, page };
    },
  ]);
  return {
    kind: "query",
    what: `pages of ${limit}${reverse ? ", backwards" : ""}`,
    ask: async (world) => {
      const items: unknown[] = [];
      let key: Uint8Array | undefined = new Uint8Array(0);
      for (let page = 0; key !== undefined && page < PAGES_MAX; page++) {
        const listed: Listed = await ask(world, create(cosmos.query.PageRequestSchema, { limit, reverse, key }));
        items.push(...listed.items);
        const { nextKey } = listed.page ?? create(cosmos.query.PageResponseSchema);
        key = nextKey.length === 0 ? undefined : nextKey;
      }
      return items;
    },
  };
};

interface Listed {
  readonly items: readonly unknown[];
  readonly page: cosmos.query.PageResponse | undefined;
}

const PAGES_MAX = 50;

/** Some question, sound or not. */
export function someQuery(choice: Choice, cast: Cast): QueryStep {
  return choice.of([ofAccounts, ofAccounts, ofMetadata, ofMetadata, ofMetadata, ofFees, walk])(choice, cast);
}
