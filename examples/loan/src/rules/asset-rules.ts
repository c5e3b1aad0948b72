import { toBinary } from "@bufbuild/protobuf";
import { type Any, anyIs, anyUnpack, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Asset } from "../gen/tech/figure/asset/v1beta1/asset_pb.ts";
import { type Funding, type Loan, LoanSchema, type Terms } from "../gen/tech/figure/loan/v1beta1/loan_pb.ts";
import { type MISMOLoanMetadata, MISMOLoanMetadataSchema } from "../gen/tech/figure/loan/v1beta1/mismo_loan_pb.ts";
import type { Money } from "../gen/tech/figure/util/v1beta1/types_pb.ts";
import { compareDecimals, hold, isBlank, isUuid, parseDay, present, ZERO } from "./conditions.ts";
import { checkDocument } from "./document-rules.ts";
import { checkFunding } from "./funding-rules.ts";
import { checkMoney, checkRate } from "./money-rules.ts";

/** Keys of an asset's map under which the loan itself is found. */
const LOAN = "loan";
const MISMO_LOAN = "mismoLoan";

/** A new asset is complete; one that exists keeps its identity. */
export function checkAsset(asset: Asset, existing: Asset | undefined, now: Timestamp): void {
  hold(isUuid(asset.id?.value), "asset-id", "asset.id.value", "an asset needs a UUID");
  hold(!isBlank(asset.type), "asset-type", "asset.type", "an asset needs a type");
  const loan = loanIn(asset);
  const mismo = mismoLoanIn(asset);
  if (existing !== undefined) {
    hold(asset.id?.value === existing.id?.value, "asset-kept", "asset.id.value", "an asset keeps its UUID");
    hold(asset.type === existing.type, "asset-kept", "asset.type", "an asset keeps its type");
    checkLoanKept(loan, loanIn(existing));
  }
  checkLoan(loan, now);
  if (mismo !== undefined) {
    const at = `asset.kv.${MISMO_LOAN}.document`;
    checkDocument(present(mismo.document, "mismo-loan", at, "a MISMO loan needs its document"), at);
  }
}

/** The asset whose loan has this funding in the place of what it had; nothing else of it changes. */
export function withFunding(asset: Asset, funding: Funding, now: Timestamp, field: string): Asset {
  const loan = loanIn(asset);
  checkFunding(funding, now, field);
  const value = toBinary(LoanSchema, { ...loan, funding });
  return { ...asset, kv: { ...asset.kv, [LOAN]: { ...asset.kv[LOAN]!, value } } };
}

function checkLoan(loan: Loan, now: Timestamp): void {
  const at = "asset.kv.loan";
  hold(isUuid(loan.id?.value), "loan-id", `${at}.id.value`, "a loan needs a UUID");
  hold(
    isUuid(loan.originatorUuid?.value),
    "originator-id",
    `${at}.originatorUuid.value`,
    "a loan needs its originator's UUID",
  );
  hold(!isBlank(loan.originatorName), "originator-name", `${at}.originatorName`, "a loan needs its originator's name");
  hold(
    /^[A-Za-z0-9]{23,45}$/.test(loan.uli),
    "universal-loan-id",
    `${at}.uli`,
    "a universal loan identifier has 23 to 45 letters and digits",
  );
  checkTerms(present(loan.terms, "terms-given", `${at}.terms`, "a loan needs terms"), `${at}.terms`);
  if (loan.funding !== undefined) checkFunding(loan.funding, now, `${at}.funding`);
}

function checkTerms(terms: Terms, at: string): void {
  const principal = checkMoney(terms.principalAmount, `${at}.principalAmount`);
  hold(
    compareDecimals(principal.value, ZERO) > 0,
    "positive-principal",
    `${at}.principalAmount.value`,
    "the principal must be positive",
  );
  if (terms.totalAmount !== undefined) checkTotal(terms.totalAmount, principal, `${at}.totalAmount`);
  hold(terms.termInMonths > 0, "positive-term", `${at}.termInMonths`, "the term is at least a month");
  checkRate(terms.interestRate, `${at}.interestRate`);
  for (const [name, date] of Object.entries(datesOf(terms))) {
    hold(parseDay(date) !== undefined, "date-valid", `${at}.dates.${name}.value`, "there is no such day");
  }
}

function checkTotal(given: Money, principal: ReturnType<typeof checkMoney>, at: string): void {
  const total = checkMoney(given, at);
  hold(
    total.currency === principal.currency,
    "one-currency",
    `${at}.currency`,
    "principal and total are in one currency",
  );
  hold(
    compareDecimals(total.value, principal.value) >= 0,
    "total-covers-principal",
    `${at}.value`,
    "the total is at least the principal",
  );
}

function datesOf({ dates }: Terms): Record<string, string> {
  const given = {
    initialOfferDate: dates?.initialOfferDate,
    originationDate: dates?.originationDate,
    signedDate: dates?.signedDate,
    fundingDate: dates?.fundingDate,
    firstPaymentDueDate: dates?.firstPaymentDueDate,
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, date]) => (date === undefined ? [] : [[name, date.value]])),
  );
}

function checkLoanKept(loan: Loan, existing: Loan): void {
  const at = "asset.kv.loan";
  hold(loan.id?.value === existing.id?.value, "loan-kept", `${at}.id.value`, "a loan keeps its UUID");
  hold(
    loan.originatorName === existing.originatorName,
    "loan-kept",
    `${at}.originatorName`,
    "a loan keeps its originator",
  );
}

function loanIn(asset: Asset): Loan {
  const any = present(asset.kv[LOAN], "asset-holds-loan", `asset.kv.${LOAN}`, "the asset holds no loan");
  hold(anyIs(any, LoanSchema), "asset-holds-loan", `asset.kv.${LOAN}`, "what the asset holds as its loan is none");
  return present(unpackedLoan(any), "asset-holds-loan", `asset.kv.${LOAN}`, "the asset's loan cannot be read");
}

function unpackedLoan(any: Any): Loan | undefined {
  return anyUnpack(any, LoanSchema);
}

function mismoLoanIn(asset: Asset): MISMOLoanMetadata | undefined {
  const any = asset.kv[MISMO_LOAN];
  if (any === undefined) return undefined;
  hold(
    anyIs(any, MISMOLoanMetadataSchema),
    "mismo-loan",
    `asset.kv.${MISMO_LOAN}`,
    "what the asset holds as its MISMO loan is none",
  );
  return anyUnpack(any, MISMOLoanMetadataSchema);
}
