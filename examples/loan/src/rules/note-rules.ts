import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Controller, ENote } from "../gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import type { DocumentMetadata } from "../gen/tech/figure/util/v1beta1/document_pb.ts";
import { hasBegun, hold, isBlank, isUuid, parseDay, present } from "./conditions.ts";
import { checkDocument, checkDocumentKept, checkDocumentList } from "./document-rules.ts";

/** An eNote has a controller, its document, a day on which it was signed, and a vault; else the contract refuses. */
export function checkNote(note: ENote, now: Timestamp): void {
  checkController(
    present(note.controller, "note-controller", "eNote.controller", "an eNote needs a controller"),
    "eNote.controller",
  );
  checkDocument(present(note.eNote, "note-document", "eNote.eNote", "an eNote needs its document"), "eNote.eNote");
  const signed = parseDay(note.signedDate?.value ?? "");
  hold(
    signed !== undefined && hasBegun(signed, now),
    "note-signed",
    "eNote.signedDate.value",
    "an eNote was signed on a day not in the future",
  );
  hold(!isBlank(note.vaultName), "note-vault", "eNote.vaultName", "an eNote names its vault");
  checkDocumentList(note.borrowerSignatureImage, "eNote.borrowerSignatureImage");
}

/** Who controls an eNote has a UUID and a name; else the contract refuses. */
export function checkController(controller: Controller, field: string): void {
  hold(
    isUuid(controller.controllerUuid?.value),
    "note-controller",
    `${field}.controllerUuid.value`,
    "a controller needs a UUID",
  );
  hold(!isBlank(controller.controllerName), "note-controller", `${field}.controllerName`, "a controller needs a name");
}

/** The eNote with another document, which is whole, and is the same if it has the same checksum. */
export function withNoteDocument(note: ENote, document: DocumentMetadata, field: string): ENote {
  checkDocument(document, field);
  if (note.eNote !== undefined) checkDocumentKept(note.eNote, document, field);
  return { ...note, eNote: document };
}
