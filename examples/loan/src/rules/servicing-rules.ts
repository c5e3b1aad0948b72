import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { LoanStateMetadata, ServicingData } from "../gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import type { ServicingRights } from "../gen/tech/figure/servicing/v1beta1/servicing_rights_pb.ts";
import { hold, isBlank, isNotAfter, isUuid, present } from "./conditions.ts";
import { checkChecksum, checkDocumentList, checkDocumentsKept } from "./document-rules.ts";

/** The servicer has a UUID and a name; else the contract refuses. */
export function checkServicingRights(rights: ServicingRights): void {
  hold(isUuid(rights.servicerId?.value), "servicer-id", "servicingRights.servicerId.value", "a servicer needs a UUID");
  hold(!isBlank(rights.servicerName), "servicer-name", "servicingRights.servicerName", "a servicer needs a name");
}

/** What was recorded before, with the new states and documents behind it; the other fields are replaced if given. */
export function updatedServicingData(
  existing: ServicingData | undefined,
  given: ServicingData,
  now: Timestamp,
): ServicingData {
  const before = existing?.loanState ?? [];
  checkStates(before, given.loanState, now);
  checkDocumentList(given.docMeta, "servicingData.docMeta");
  checkDocumentsKept(existing?.docMeta ?? [], given.docMeta, "servicingData.docMeta");
  const known = new Set(existing?.docMeta.map((document) => document.checksum?.checksum));
  return {
    ...existing,
    ...given,
    loanState: [...before, ...given.loanState],
    docMeta: [...(existing?.docMeta ?? []), ...given.docMeta.filter((one) => !known.has(one.checksum?.checksum))],
  };
}

/** A state is identified by its id, by its checksum and by its time: none of them may come again. */
function checkStates(
  existing: readonly LoanStateMetadata[],
  added: readonly LoanStateMetadata[],
  now: Timestamp,
): void {
  const seen = new Set(existing.flatMap(keysOf));
  for (const [index, state] of added.entries()) {
    const at = `servicingData.loanState[${index}]`;
    hold(isUuid(state.id?.value), "loan-state-id", `${at}.id.value`, "a loan state needs a UUID");
    const time = present(state.effectiveTime, "loan-state-time", `${at}.effectiveTime`, "a loan state needs a time");
    hold(isNotAfter(time, now), "time-not-future", `${at}.effectiveTime`, "this time is in the future");
    hold(!isBlank(state.uri), "loan-state-uri", `${at}.uri`, "a loan state needs a URI");
    checkChecksum(state.checksum, `${at}.checksum`);
    for (const key of keysOf(state)) {
      hold(!seen.has(key), "loan-states-distinct", at, "a loan state is there twice");
      seen.add(key);
    }
  }
}

function keysOf({ id, effectiveTime, checksum }: LoanStateMetadata): readonly string[] {
  return [
    `id ${id?.value}`,
    `time ${effectiveTime?.seconds}.${effectiveTime?.nanos}`,
    `checksum ${checksum?.checksum}`,
  ];
}
