import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type {
  LoanValidation,
  ValidationRequest,
  ValidationResultsMetadata,
} from "../gen/tech/figure/validation/v1beta2/validation_pb.ts";
import { hold, isBlank, isNotAfter, isUuid, present } from "./conditions.ts";
import { checkChecksum } from "./document-rules.ts";

/** Each iteration has a request and results, whole and not of the future, and no request twice; else the contract refuses. */
export function checkValidation({ iteration }: LoanValidation, now: Timestamp): void {
  const field = "loanValidation.iteration";
  hold(iteration.length > 0, "validation-given", field, "a validation needs an iteration");
  const ids = new Set<string>();
  for (const [index, { request, results }] of iteration.entries()) {
    const at = `${field}[${index}]`;
    const id = checkRequest(
      present(request, "validation-request", `${at}.request`, "a request is missing"),
      now,
      `${at}.request`,
    );
    hold(!ids.has(id), "validations-distinct", `${at}.request.requestId.value`, "a request is there twice");
    ids.add(id);
    checkResults(present(results, "validation-results", `${at}.results`, "results are missing"), now, `${at}.results`);
  }
}

function checkRequest(request: ValidationRequest, now: Timestamp, at: string): string {
  const id = request.requestId?.value ?? "";
  hold(isUuid(id), "validation-request", `${at}.requestId.value`, "a request needs a UUID");
  checkTime(request.effectiveTime, now, "validation-request", `${at}.effectiveTime`);
  hold(!isBlank(request.validatorName), "validation-request", `${at}.validatorName`, "a request names its validator");
  hold(!isBlank(request.requesterName), "validation-request", `${at}.requesterName`, "a request names its requester");
  return id;
}

function checkResults(results: ValidationResultsMetadata, now: Timestamp, at: string): void {
  hold(isUuid(results.id?.value), "validation-results", `${at}.id.value`, "results need a UUID");
  checkTime(results.effectiveTime, now, "validation-results", `${at}.effectiveTime`);
  hold(!isBlank(results.uri), "validation-results", `${at}.uri`, "results need a URI");
  checkChecksum(results.checksum, `${at}.checksum`);
}

function checkTime(given: Timestamp | undefined, now: Timestamp, rule: string, field: string): void {
  const time = present(given, rule, field, "a time is missing");
  hold(isNotAfter(time, now), "time-not-future", field, "this time is in the future");
}
