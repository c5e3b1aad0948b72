import { readFile } from "node:fs/promises";
import { createRegistry, fromJson, type JsonValue } from "@bufbuild/protobuf";
import type { Proposals } from "@p8e/contract";
import type recordLoan from "./contracts/record-loan.ts";
import { ENoteSchema } from "./gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import { AssetSchema } from "./gen/tech/figure/asset/v1beta1/asset_pb.ts";
import { LoanDocumentsSchema } from "./gen/tech/figure/loan/v1beta1/loan_documents_pb.ts";
import { LoanSchema } from "./gen/tech/figure/loan/v1beta1/loan_pb.ts";
import { MISMOLoanMetadataSchema } from "./gen/tech/figure/loan/v1beta1/mismo_loan_pb.ts";
import { ServicingDataSchema } from "./gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import { ServicingRightsSchema } from "./gen/tech/figure/servicing/v1beta1/servicing_rights_pb.ts";
import { LoanValidationSchema } from "./gen/tech/figure/validation/v1beta2/validation_pb.ts";

/** All that is proposed to record a loan today, by input name; `loanValidations` is what was recorded before. */
export type LoanPackage = Omit<Required<Proposals<typeof recordLoan>>, "loanValidations">;

/** `sound` satisfies every rule; `negative-principal` is the same loan, except that it breaks `positive-principal`. */
export type SamplePackageName = "sound" | "negative-principal";

/** The type of each input. */
export const inputSchemas = {
  asset: AssetSchema,
  documents: LoanDocumentsSchema,
  eNote: ENoteSchema,
  loanValidation: LoanValidationSchema,
  servicingData: ServicingDataSchema,
  servicingRights: ServicingRightsSchema,
} as const;

/** A file of the package; its bytes are `syntheticDocument(sizeBytes, fileName)`. */
export interface SampleDocument {
  readonly fileName: string;
  readonly sizeBytes: number;
}

/** The files that the packages' documents describe, the largest first. */
export const sampleDocuments: readonly SampleDocument[] = [
  { fileName: "synthetic-loan-file.txt", sizeBytes: 100_000_000 },
  { fileName: "synthetic-disclosure.txt", sizeBytes: 60_000 },
  { fileName: "synthetic-deed.txt", sizeBytes: 40_000 },
];

/** Where a document lies, as its metadata say. `hash` is the base64 of a SHA-256. */
export interface StoredDocument {
  readonly fileName: string;
  readonly hash: string;
}

/** The form of a document's URI in the samples. */
export function documentUri(hash: string): string {
  return `object://sha256/${hash.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

const registry = createRegistry(LoanSchema, MISMOLoanMetadataSchema);

/**
 * Reads a sample package: synthetic, no person or loan in it exists.
 *
 * @param stored documents that were stored with other bytes than the sample's: their checksum and URI are put in
 */
export async function loadSamplePackage(
  name: SamplePackageName,
  stored: readonly StoredDocument[] = [],
): Promise<LoanPackage> {
  const text = await readFile(new URL(`../packages/${name}.json`, import.meta.url), "utf8");
  const { asset, documents, eNote, loanValidation, servicingData, servicingRights } = JSON.parse(text) as {
    [K in keyof LoanPackage]: JsonValue;
  };
  const loan: LoanPackage = {
    asset: fromJson(AssetSchema, asset, { registry }),
    documents: fromJson(LoanDocumentsSchema, documents, { registry }),
    eNote: fromJson(ENoteSchema, eNote, { registry }),
    loanValidation: fromJson(LoanValidationSchema, loanValidation, { registry }),
    servicingData: fromJson(ServicingDataSchema, servicingData, { registry }),
    servicingRights: fromJson(ServicingRightsSchema, servicingRights, { registry }),
  };
  for (const { fileName, hash } of stored) {
    const document = loan.documents.document.find((candidate) => candidate.fileName === fileName);
    if (document?.checksum === undefined) throw new RangeError(`the package has no document ${fileName}`);
    document.uri = documentUri(hash);
    document.checksum.checksum = hash;
  }
  return loan;
}
