import { fileURLToPath } from "node:url";
import appendLoanDocuments from "./contracts/append-loan-documents.ts";
import appendLoanStates from "./contracts/append-loan-states.ts";
import recordENote from "./contracts/record-e-note.ts";
import recordLoan from "./contracts/record-loan.ts";
import recordLoanValidationRequest from "./contracts/record-loan-validation-request.ts";
import recordLoanValidationResults from "./contracts/record-loan-validation-results.ts";
import recordStandaloneLoanValidationResults from "./contracts/record-standalone-loan-validation-results.ts";
import updateENote from "./contracts/update-e-note.ts";
import updateENoteController from "./contracts/update-e-note-controller.ts";
import updateFunding from "./contracts/update-funding.ts";
import updateServicingRights from "./contracts/update-servicing-rights.ts";

/** All that can be done to a loan, by the name of the file that does it. */
export const loanContracts = {
  "record-loan": recordLoan,
  "append-loan-documents": appendLoanDocuments,
  "append-loan-states": appendLoanStates,
  "record-e-note": recordENote,
  "update-e-note": updateENote,
  "update-e-note-controller": updateENoteController,
  "update-servicing-rights": updateServicingRights,
  "update-funding": updateFunding,
  "record-loan-validation-request": recordLoanValidationRequest,
  "record-loan-validation-results": recordLoanValidationResults,
  "record-standalone-loan-validation-results": recordStandaloneLoanValidationResults,
} as const;

/** One of {@link loanContracts}. */
export type LoanContractName = keyof typeof loanContracts;

/** The file to build: the source, which a package carries too. */
export function contractEntryOf(name: LoanContractName): string {
  return fileURLToPath(new URL(`../src/contracts/${name}.ts`, import.meta.url));
}
