import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { type Route, service } from "@p8e/rpc";
import { LOCATOR_URI_LENGTH_MAX } from "../domain/messages/locator-messages.ts";
import type { Ledger } from "../node/ledger.ts";
import * as accounts from "../query/account-queries.ts";
import * as locators from "../query/locator-queries.ts";
import * as entities from "../query/metadata-queries.ts";
import * as specifications from "../query/specification-queries.ts";
import { querying } from "./answer.ts";

/** Queries of the modules: auth, bank, authz, feegrant and metadata. */
export function queryServices(ledger: Ledger): readonly (readonly Route[])[] {
  return [...accountServices(ledger), metadataService(ledger)];
}

function accountServices(ledger: Ledger): readonly (readonly Route[])[] {
  return [
    service(cosmos.auth.Query, {
      account: querying(ledger, accounts.account),
      accountInfo: querying(ledger, accounts.accountInfo),
      params: querying(ledger, () => accounts.authParams()),
      bech32Prefix: querying(ledger, ({ block }) => ({ bech32Prefix: block.accountPrefix })),
    }),
    service(cosmos.bank.Query, {
      balance: querying(ledger, (reading, request: cosmos.bank.QueryBalanceRequest) => ({
        balance: accounts.balance(reading, request),
      })),
      allBalances: querying(ledger, (reading, request: cosmos.bank.QueryAllBalancesRequest) =>
        accounts.balances(reading, request),
      ),
      spendableBalances: querying(ledger, (reading, request: cosmos.bank.QuerySpendableBalancesRequest) =>
        accounts.balances(reading, request),
      ),
      spendableBalanceByDenom: querying(
        ledger,
        (reading, request: cosmos.bank.QuerySpendableBalanceByDenomRequest) => ({
          balance: accounts.balance(reading, request),
        }),
      ),
      totalSupply: querying(ledger, accounts.totalSupply),
      supplyOf: querying(ledger, accounts.supplyOf),
      denomOwners: querying(ledger, accounts.denomOwners),
    }),
    service(cosmos.authz.Query, {
      grants: querying(ledger, accounts.grants),
      granterGrants: querying(ledger, accounts.granterGrants),
      granteeGrants: querying(ledger, accounts.granteeGrants),
    }),
    service(cosmos.feegrant.Query, {
      allowance: querying(ledger, accounts.allowance),
      allowances: querying(ledger, accounts.allowances),
      allowancesByGranter: querying(ledger, accounts.allowancesByGranter),
    }),
  ];
}

function metadataService(ledger: Ledger): readonly Route[] {
  return service(metadata.Query, {
    params: querying(ledger, (_, request: metadata.QueryParamsRequest) => ({
      params: {},
      ...(request.includeRequest ? { request } : {}),
    })),
    scope: querying(ledger, entities.scope),
    scopesAll: querying(ledger, entities.scopesAll),
    sessions: querying(ledger, entities.sessions),
    sessionsAll: querying(ledger, entities.sessionsAll),
    records: querying(ledger, entities.records),
    recordsAll: querying(ledger, entities.recordsAll),
    ownership: querying(ledger, entities.ownership),
    valueOwnership: querying(ledger, entities.valueOwnership),
    getByAddr: querying(ledger, entities.byAddress),
    accountData: querying(ledger, entities.accountData),
    scopeNetAssetValues: querying(ledger, entities.netAssetValues),
    scopeSpecification: querying(ledger, specifications.scopeSpecification),
    scopeSpecificationsAll: querying(ledger, specifications.scopeSpecificationsAll),
    contractSpecification: querying(ledger, specifications.contractSpecification),
    contractSpecificationsAll: querying(ledger, specifications.contractSpecificationsAll),
    recordSpecificationsForContractSpecification: querying(ledger, specifications.recordSpecificationsForContract),
    recordSpecification: querying(ledger, specifications.recordSpecification),
    recordSpecificationsAll: querying(ledger, specifications.recordSpecificationsAll),
    oSLocatorParams: querying(ledger, (_, request: metadata.OSLocatorParamsRequest) => ({
      params: { maxUriLength: LOCATOR_URI_LENGTH_MAX },
      ...(request.includeRequest ? { request } : {}),
    })),
    oSLocator: querying(ledger, locators.locator),
    oSLocatorsByURI: querying(ledger, locators.locatorsByUri),
    oSLocatorsByScope: querying(ledger, locators.locatorsByScope),
    oSAllLocators: querying(ledger, locators.locatorsAll),
  });
}
