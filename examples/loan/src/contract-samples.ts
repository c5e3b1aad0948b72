import { readFile } from "node:fs/promises";
import { create, createRegistry, type DescMessage, fromJson, type JsonValue, type Message } from "@bufbuild/protobuf";
import type { Proposals, ScopeRecords } from "@p8e/contract";
import {
  ControllerSchema,
  DocumentRecordingGuidanceSchema,
  ENoteSchema,
} from "./gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import { LoanDocumentsSchema } from "./gen/tech/figure/loan/v1beta1/loan_documents_pb.ts";
import { FundingSchema } from "./gen/tech/figure/loan/v1beta1/loan_pb.ts";
import { LoanStateSubmissionSchema, ServicingDataSchema } from "./gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import { ServicingRightsSchema } from "./gen/tech/figure/servicing/v1beta1/servicing_rights_pb.ts";
import { DocumentMetadataSchema } from "./gen/tech/figure/util/v1beta1/document_pb.ts";
import { LoanValidationSchema as LoanValidationsSchema } from "./gen/tech/figure/validation/v1beta1/validation_pb.ts";
import {
  ValidationIterationSchema,
  ValidationRequestSchema,
  ValidationResponseSchema,
} from "./gen/tech/figure/validation/v1beta2/validation_pb.ts";
import type { LoanContractName, loanContracts } from "./loan-contracts.ts";
import { type LoanPackage, loadSamplePackage } from "./sample-packages.ts";

type ContractOf<N extends LoanContractName> = (typeof loanContracts)[N];

/** What a contract of the loan is given: inputs that satisfy all its rules, and the records that it finds in the scope. */
export interface ContractSample<N extends LoanContractName = LoanContractName> {
  readonly inputs: Required<Proposals<ContractOf<N>>>;
  readonly records: { -readonly [K in keyof ScopeRecords<ContractOf<N>>]: ScopeRecords<ContractOf<N>>[K] };
}

type OwnSample = Exclude<LoanContractName, "record-loan">;

/** The types of what lies in `packages/NAME.json`. */
const inputTypes: Record<OwnSample, Readonly<Record<string, DescMessage>>> = {
  "append-loan-documents": { documents: LoanDocumentsSchema },
  "append-loan-states": { newLoanStates: LoanStateSubmissionSchema },
  "record-e-note": { eNote: ENoteSchema, servicingData: ServicingDataSchema },
  "update-e-note": { newENote: DocumentMetadataSchema },
  "update-e-note-controller": { newController: ControllerSchema },
  "update-servicing-rights": { servicingRights: ServicingRightsSchema },
  "update-funding": { newFunding: FundingSchema },
  "record-loan-validation-request": { newRequest: ValidationRequestSchema },
  "record-loan-validation-results": { resultSubmission: ValidationResponseSchema },
  "record-standalone-loan-validation-results": { validationIteration: ValidationIterationSchema },
};

/** Which records of the sound package a scope has already; those of a new loan, and of one without a note, none. */
const recordsRead: Record<OwnSample, readonly (keyof LoanPackage)[]> = {
  "append-loan-documents": ["documents", "servicingData"],
  "append-loan-states": ["servicingData"],
  "record-e-note": [],
  "update-e-note": ["eNote"],
  "update-e-note-controller": ["eNote"],
  "update-servicing-rights": [],
  "update-funding": ["asset"],
  "record-loan-validation-request": ["loanValidation"],
  "record-loan-validation-results": ["loanValidation"],
  "record-standalone-loan-validation-results": ["loanValidation"],
};

const registry = createRegistry(DocumentRecordingGuidanceSchema);

/** Reads a sample for a contract: synthetic as the packages. Each call gives values of its own, free to be changed. */
export async function loadContractSample<N extends LoanContractName>(name: N): Promise<ContractSample<N>> {
  const loan = await loadSamplePackage("sound");
  const sample =
    name === "record-loan"
      ? {
          inputs: { ...loan, ...(await readInputs("old-validations", { loanValidations: LoanValidationsSchema })) },
          records: {},
        }
      : await ownSample(name as OwnSample, loan);
  return sample as unknown as ContractSample<N>;
}

async function ownSample(name: OwnSample, loan: LoanPackage) {
  // Results answer a request, which stands in the scope without any.
  if (name === "record-loan-validation-results") {
    const { inputs } = await loadContractSample("record-loan-validation-request");
    loan.loanValidation.iteration.push(create(ValidationIterationSchema, { request: inputs.newRequest }));
  }
  return {
    inputs: await readInputs(name, inputTypes[name]),
    records: Object.fromEntries(recordsRead[name].map((record) => [record, loan[record]])),
  };
}

async function readInputs(
  file: string,
  types: Readonly<Record<string, DescMessage>>,
): Promise<Readonly<Record<string, Message>>> {
  const text = await readFile(new URL(`../packages/${file}.json`, import.meta.url), "utf8");
  const values = JSON.parse(text) as Record<string, JsonValue>;
  const decoded = Object.entries(types).map(([input, schema]) => [
    input,
    fromJson(schema, values[input]!, { registry }),
  ]);
  return Object.fromEntries(decoded);
}
