import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { ENote } from "../gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import { hasBegun, hold, isBlank, isUuid, parseDay, present } from "./conditions.ts";
import { checkDocument, checkDocumentList } from "./document-rules.ts";

/** An eNote has a controller, its document, a day on which it was signed, and a vault; else the contract refuses. */
export function checkNote(note: ENote, now: Timestamp): void {
  const controller = present(note.controller, "note-controller", "eNote.controller", "an eNote needs a controller");
  hold(
    isUuid(controller.controllerUuid?.value),
    "note-controller",
    "eNote.controller.controllerUuid.value",
    "a controller needs a UUID",
  );
  hold(
    !isBlank(controller.controllerName),
    "note-controller",
    "eNote.controller.controllerName",
    "a controller needs a name",
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
