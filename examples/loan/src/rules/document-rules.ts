import { create } from "@bufbuild/protobuf";
import { type LoanDocuments, LoanDocumentsSchema } from "../gen/tech/figure/loan/v1beta1/loan_documents_pb.ts";
import type { DocumentMetadata } from "../gen/tech/figure/util/v1beta1/document_pb.ts";
import type { Checksum } from "../gen/tech/figure/util/v1beta1/types_pb.ts";
import { hold, isBlank, isUuid, present } from "./conditions.ts";

/** A checksum with its algorithm; a SHA-256 must have the length of one, in standard base64. */
export function checkChecksum(given: Checksum | undefined, field: string): string {
  const { checksum, algorithm } = present(given, "checksum-given", field, "a checksum is missing");
  hold(!isBlank(checksum), "checksum-given", `${field}.checksum`, "a checksum is empty");
  hold(!isBlank(algorithm), "checksum-algorithm-given", `${field}.algorithm`, "a checksum names no algorithm");
  const isSha256 = /^SHA-?256$/i.test(algorithm);
  hold(
    !isSha256 || /^[A-Za-z0-9+/]{43}=$/.test(checksum),
    "checksum-sha256",
    `${field}.checksum`,
    "a SHA-256 has 32 bytes in base64",
  );
  return checksum;
}

/** What must be known of any document. Gives its checksum. */
export function checkDocument(document: DocumentMetadata, field: string): string {
  hold(isUuid(document.id?.value), "document-id", `${field}.id.value`, "a document needs a UUID");
  hold(!isBlank(document.uri), "document-uri", `${field}.uri`, "a document needs a URI");
  hold(!isBlank(document.fileName), "document-file-name", `${field}.fileName`, "a document needs a file name");
  hold(
    !isBlank(document.contentType),
    "document-content-type",
    `${field}.contentType`,
    "a document needs a content type",
  );
  hold(!isBlank(document.documentType), "document-type", `${field}.documentType`, "a document needs a type");
  return checkChecksum(document.checksum, `${field}.checksum`);
}

/** Each document on its own, and none twice. */
export function checkDocumentList(documents: readonly DocumentMetadata[], field: string): void {
  const seen = new Set<string>();
  for (const [index, document] of documents.entries()) {
    const at = `${field}[${index}]`;
    const checksum = checkDocument(document, at);
    hold(!seen.has(checksum), "documents-distinct", `${at}.checksum.checksum`, "a document is there twice");
    seen.add(checksum);
  }
}

/** A loan has documents, each of them whole; else the contract refuses. */
export function checkLoanDocuments({ document }: LoanDocuments): void {
  checkDocumentsGiven(document);
  checkDocumentList(document, "documents.document");
}

/** What was recorded before with the given documents behind it; one that is recorded already takes the place it has. */
export function appendedLoanDocuments(existing: LoanDocuments | undefined, given: LoanDocuments): LoanDocuments {
  checkDocumentsGiven(given.document);
  const before = existing ?? create(LoanDocumentsSchema);
  return { ...before, document: withDocuments(before.document, given.document, "documents.document") };
}

function checkDocumentsGiven(documents: readonly DocumentMetadata[]): void {
  hold(documents.length > 0, "documents-given", "documents.document", "a loan needs at least one document");
}

/**
 * Documents that are whole, and none twice, join others. A document is known by its checksum: what was recorded of it
 * stays, but for what was left blank.
 */
export function withDocuments(
  existing: readonly DocumentMetadata[],
  added: readonly DocumentMetadata[],
  field: string,
): DocumentMetadata[] {
  checkDocumentList(added, field);
  const places = new Map<string, number>();
  const joined = [...existing];
  for (const [place, { checksum }] of existing.entries()) {
    if (checksum !== undefined && checksum.checksum !== "") places.set(checksum.checksum, place);
  }
  for (const [index, document] of added.entries()) {
    const place = places.get(document.checksum?.checksum ?? "");
    if (place === undefined) joined.push(document);
    else {
      checkDocumentKept(joined[place]!, document, `${field}[${index}]`);
      joined[place] = document;
    }
  }
  return joined;
}

/** Under the same checksum a document keeps what was recorded of it; what was blank may be filled in. */
export function checkDocumentKept(existing: DocumentMetadata, given: DocumentMetadata, field: string): void {
  if (existing.checksum?.checksum !== given.checksum?.checksum) return;
  const keeps = (before: string | undefined, now: string | undefined) => before === now || isBlank(before ?? "");
  const isKept =
    keeps(existing.id?.value, given.id?.value) &&
    keeps(existing.uri, given.uri) &&
    keeps(existing.contentType, given.contentType) &&
    keeps(existing.documentType, given.documentType) &&
    keeps(existing.checksum?.algorithm, given.checksum?.algorithm);
  hold(isKept, "document-kept", field, "a document that is recorded already cannot change");
}
