import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Disbursement, Funding } from "../gen/tech/figure/loan/v1beta1/loan_pb.ts";
import type { Account } from "../gen/tech/figure/util/v1beta1/account_pb.ts";
import { compareDecimals, hold, isBlank, isNotAfter, isUuid, present, ZERO } from "./conditions.ts";
import { checkMoney } from "./money-rules.ts";

const STATUSES = ["UNFUNDED", "INITIATED", "FUNDED", "CANCELLED"];

/** Funding as far as it has gone: a funded loan has times in order, and every payment has its target. */
export function checkFunding(funding: Funding, now: Timestamp, field: string): void {
  const status = present(funding.status, "funding-status", `${field}.status`, "funding has no status");
  hold(
    STATUSES.includes(status.status),
    "funding-status",
    `${field}.status.status`,
    `funding is one of ${STATUSES.join(", ")}`,
  );
  checkPast(status.effectiveTime, now, `${field}.status.effectiveTime`);
  if (status.status === "FUNDED") {
    const started = present(
      funding.started,
      "funding-times",
      `${field}.started`,
      "a funded loan was started at a time",
    );
    const completed = present(
      funding.completed,
      "funding-times",
      `${field}.completed`,
      "a funded loan was completed at a time",
    );
    hold(isNotAfter(started, completed), "funding-times", `${field}.completed`, "funding cannot end before it starts");
  }
  checkPast(funding.started, now, `${field}.started`);
  checkPast(funding.completed, now, `${field}.completed`);
  hold(
    funding.disbursements.length > 0,
    "disbursements-given",
    `${field}.disbursements`,
    "funding needs a disbursement",
  );
  const ids = new Set<string>();
  for (const [index, disbursement] of funding.disbursements.entries()) {
    const at = `${field}.disbursements[${index}]`;
    const id = checkDisbursement(disbursement, now, at);
    hold(!ids.has(id), "disbursements-distinct", `${at}.id.value`, "a disbursement is there twice");
    ids.add(id);
  }
}

function checkDisbursement(disbursement: Disbursement, now: Timestamp, field: string): string {
  const id = disbursement.id?.value ?? "";
  hold(isUuid(id), "disbursement-id", `${field}.id.value`, "a disbursement needs a UUID");
  const { value } = checkMoney(disbursement.amount, `${field}.amount`);
  hold(
    compareDecimals(value, ZERO) >= 0,
    "disbursement-not-negative",
    `${field}.amount.value`,
    "a disbursement is not negative",
  );
  const status = present(disbursement.status, "disbursement-status", `${field}.status`, "a disbursement has no status");
  hold(!isBlank(status.status), "disbursement-status", `${field}.status.status`, "a disbursement has an empty status");
  checkPast(disbursement.started, now, `${field}.started`);
  checkPast(disbursement.completed, now, `${field}.completed`);
  checkAccount(disbursement.disburseAccount, `${field}.disburseAccount`);
  return id;
}

function checkAccount(given: Account | undefined, field: string): void {
  const account = present(given, "account-given", field, "a disbursement needs an account");
  hold(
    isUuid(account.accountOwnerId?.value),
    "account-owner",
    `${field}.accountOwnerId.value`,
    "an account needs its owner's UUID",
  );
  const { typeSpecific } = account;
  if (typeSpecific.case === "financial") {
    const { accountNumber, routingNumber, movement } = typeSpecific.value;
    hold(
      /^\d{4,17}$/.test(accountNumber),
      "account-number",
      `${field}.financial.accountNumber`,
      "an account number has 4 to 17 digits",
    );
    hold(
      /^\d{9}$/.test(routingNumber),
      "routing-number",
      `${field}.financial.routingNumber`,
      "a routing number has 9 digits",
    );
    for (const [index, { typeSpecific: kind }] of movement.entries()) {
      const at = `${field}.financial.movement[${index}]`;
      hold(kind.case !== undefined, "movement-kind", at, "money moves by ACH or by wire");
    }
  } else {
    const address = typeSpecific.case === "provenance" ? typeSpecific.value.address : "";
    hold(
      /^(?:pb|tp)1[02-9ac-hj-np-z]{38,}$/.test(address),
      "account-kind",
      field,
      "an account is at a bank or has a ledger address",
    );
  }
}

function checkPast(time: Timestamp | undefined, now: Timestamp, field: string): void {
  hold(time === undefined || isNotAfter(time, now), "time-not-future", field, "this time is in the future");
}
