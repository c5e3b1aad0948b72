import { create } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  type LoanValidation,
  LoanValidationSchema,
  type ValidationIteration,
  ValidationIterationSchema,
  type ValidationRequest,
  type ValidationResponse,
  type ValidationResultsMetadata,
} from "../gen/tech/figure/validation/v1beta2/validation_pb.ts";
import { hold, isBlank, isNotAfter, isUuid, present } from "./conditions.ts";
import { checkChecksum } from "./document-rules.ts";

/** Each iteration has a request and results, whole and not of the future, and no request twice; else the contract refuses. */
export function checkValidation({ iteration }: LoanValidation, now: Timestamp): void {
  const field = "loanValidation.iteration";
  hold(iteration.length > 0, "validation-given", field, "a validation needs an iteration");
  const ids = new Set<string>();
  for (const [index, each] of iteration.entries()) {
    const at = `${field}[${index}]`;
    const id = checkIteration(each, now, at);
    hold(!ids.has(id), "validations-distinct", `${at}.request.requestId.value`, "a request is there twice");
    ids.add(id);
  }
}

/** A request and its results, both whole and not of the future. Gives the request's UUID. */
function checkIteration({ request, results }: ValidationIteration, now: Timestamp, at: string): string {
  const id = checkRequest(
    present(request, "validation-request", `${at}.request`, "a request is missing"),
    now,
    `${at}.request`,
  );
  checkResults(results, now, `${at}.results`);
  return id;
}

/** The record with a new request, whose results are to come; its UUID is not in use yet. */
export function withRequest(
  existing: LoanValidation | undefined,
  request: ValidationRequest,
  now: Timestamp,
  field: string,
): LoanValidation {
  const id = checkRequest(request, now, field);
  const before = existing ?? create(LoanValidationSchema);
  const isNew = before.iteration.every((each) => each.request?.requestId?.value !== id);
  hold(isNew, "validations-distinct", `${field}.requestId.value`, "a request has this UUID already");
  return { ...before, iteration: [...before.iteration, create(ValidationIterationSchema, { request })] };
}

/** The record with a request and its results behind what it has; whether the request was there before is not asked. */
export function withIteration(
  existing: LoanValidation | undefined,
  iteration: ValidationIteration,
  now: Timestamp,
  field: string,
): LoanValidation {
  checkIteration(iteration, now, field);
  const before = existing ?? create(LoanValidationSchema);
  return { ...before, iteration: [...before.iteration, iteration] };
}

/** The record with the results of one request in it; results that were there before are replaced. */
export function withResults(
  existing: LoanValidation,
  { requestId, results }: ValidationResponse,
  now: Timestamp,
  field: string,
): LoanValidation {
  const at = `${field}.requestId.value`;
  hold(existing.iteration.length > 0, "validation-given", "loanValidation.iteration", "no validation is recorded");
  hold(isUuid(requestId?.value), "validation-request", at, "results name their request by its UUID");
  const answered = existing.iteration.filter((each) => each.request?.requestId?.value === requestId?.value);
  hold(answered.length === 1, "validation-requested", at, "no one validation was requested under this UUID");
  const checked = checkResults(results, now, `${field}.results`);
  return {
    ...existing,
    iteration: existing.iteration.map((each) => (each === answered[0] ? { ...each, results: checked } : each)),
  };
}

function checkRequest(request: ValidationRequest, now: Timestamp, at: string): string {
  const id = request.requestId?.value ?? "";
  hold(isUuid(id), "validation-request", `${at}.requestId.value`, "a request needs a UUID");
  checkTime(request.effectiveTime, now, "validation-request", `${at}.effectiveTime`);
  hold(!isBlank(request.validatorName), "validation-request", `${at}.validatorName`, "a request names its validator");
  hold(!isBlank(request.requesterName), "validation-request", `${at}.requesterName`, "a request names its requester");
  return id;
}

function checkResults(
  given: ValidationResultsMetadata | undefined,
  now: Timestamp,
  at: string,
): ValidationResultsMetadata {
  const results = present(given, "validation-results", at, "results are missing");
  hold(isUuid(results.id?.value), "validation-results", `${at}.id.value`, "results need a UUID");
  checkTime(results.effectiveTime, now, "validation-results", `${at}.effectiveTime`);
  hold(!isBlank(results.uri), "validation-results", `${at}.uri`, "results need a URI");
  checkChecksum(results.checksum, `${at}.checksum`);
  return results;
}

function checkTime(given: Timestamp | undefined, now: Timestamp, rule: string, field: string): void {
  const time = present(given, rule, field, "a time is missing");
  hold(isNotAfter(time, now), "time-not-future", field, "this time is in the future");
}
