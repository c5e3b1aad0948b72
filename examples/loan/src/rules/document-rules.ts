import type { LoanDocuments } from "../gen/tech/figure/loan/v1beta1/loan_documents_pb.ts";
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
  hold(document.length > 0, "documents-given", "documents.document", "a loan needs at least one document");
  checkDocumentList(document, "documents.document");
}

/** A document that was recorded before may not change under the same checksum. */
export function checkDocumentsKept(
  existing: readonly DocumentMetadata[],
  added: readonly DocumentMetadata[],
  field: string,
): void {
  const before = new Map(existing.map((document) => [document.checksum?.checksum ?? "", document]));
  for (const [index, document] of added.entries()) {
    const known = before.get(document.checksum?.checksum ?? "");
    if (known === undefined) continue;
    const isKept =
      known.id?.value === document.id?.value &&
      known.uri === document.uri &&
      known.contentType === document.contentType &&
      known.documentType === document.documentType &&
      known.checksum?.algorithm === document.checksum?.algorithm;
    hold(isKept, "document-kept", `${field}[${index}]`, "a document that is recorded already cannot change");
  }
}
