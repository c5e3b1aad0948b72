import { create } from "@bufbuild/protobuf";
import { anyUnpack, type Timestamp } from "@bufbuild/protobuf/wkt";
import { DocumentRecordingGuidanceSchema } from "../gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import type { LoanDocuments } from "../gen/tech/figure/loan/v1beta1/loan_documents_pb.ts";
import {
  type LoanStateMetadata,
  type ServicingData,
  ServicingDataSchema,
} from "../gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import type { ServicingRights } from "../gen/tech/figure/servicing/v1beta1/servicing_rights_pb.ts";
import { hold, isBlank, isNotAfter, isUuid, present } from "./conditions.ts";
import { checkChecksum, withDocuments } from "./document-rules.ts";

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
  hold(isGiven(given), "servicing-data-given", "servicingData", "the servicing data say nothing");
  return {
    ...existing,
    ...given,
    loanState: withStates(existing?.loanState ?? [], given.loanState, now, "servicingData.loanState"),
    docMeta: withDocuments(existing?.docMeta ?? [], given.docMeta, "servicingData.docMeta"),
  };
}

/** The servicing data with new states behind those it has; there is at least one. */
export function withLoanStates(
  existing: ServicingData | undefined,
  states: readonly LoanStateMetadata[],
  now: Timestamp,
  field: string,
): ServicingData {
  hold(states.length > 0, "loan-states-given", field, "at least one loan state is needed");
  const before = existing ?? create(ServicingDataSchema);
  return { ...before, loanState: withStates(before.loanState, states, now, field) };
}

/** The key in the metadata of documents under which a guidance names those that belong to the servicing data. */
const SERVICING_DOCUMENTS = "servicingDocuments";

/**
 * The servicing data with those of a loan's new documents that its guidance names by their UUID (whichever flag stands
 * beside it); as they were when there is no guidance.
 */
export function withDesignatedDocuments(
  existing: ServicingData | undefined,
  { document, metadataKv }: LoanDocuments,
): ServicingData {
  const before = existing ?? create(ServicingDataSchema);
  const any = metadataKv[SERVICING_DOCUMENTS];
  if (any === undefined) return before;
  const field = `documents.metadataKv.${SERVICING_DOCUMENTS}`;
  const guidance = present(
    anyUnpack(any, DocumentRecordingGuidanceSchema),
    "servicing-guidance",
    field,
    "what stands in the place of the guidance is none",
  );
  const named = document.filter(({ id }) => Object.hasOwn(guidance.designatedDocuments, id?.value ?? ""));
  return { ...before, docMeta: withDocuments(before.docMeta, named, "documents.document") };
}

function isGiven(data: ServicingData): boolean {
  const { loanId, assetType, currentBorrowerInfo, originalNoteAmount, docMeta, loanState } = data;
  const isOneGiven = [loanId, assetType, currentBorrowerInfo, originalNoteAmount].some((each) => each !== undefined);
  return isOneGiven || docMeta.length > 0 || loanState.length > 0;
}

function withStates(
  existing: readonly LoanStateMetadata[],
  added: readonly LoanStateMetadata[],
  now: Timestamp,
  field: string,
): LoanStateMetadata[] {
  checkStates(existing, added, now, field);
  return [...existing, ...added];
}

/** A state is identified by its id, by its checksum and by its time: none of them may come again. */
function checkStates(
  existing: readonly LoanStateMetadata[],
  added: readonly LoanStateMetadata[],
  now: Timestamp,
  field: string,
): void {
  const seen = new Set(existing.flatMap(keysOf));
  for (const [index, state] of added.entries()) {
    const at = `${field}[${index}]`;
    hold(isUuid(state.id?.value), "loan-state-id", `${at}.id.value`, "a loan state needs a UUID");
    const time = present(state.effectiveTime, "loan-state-time", `${at}.effectiveTime`, "a loan state needs a time");
    const isEpoch = time.seconds === 0n && time.nanos === 0;
    hold(!isEpoch, "loan-state-time", `${at}.effectiveTime`, "a loan state's time is not 1970-01-01");
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
