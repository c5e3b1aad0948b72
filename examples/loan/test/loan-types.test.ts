import assert from "node:assert/strict";
import { it } from "node:test";
import { inputSchemas, LoanSchema } from "@p8e/example-loan";
import { javaClassName } from "@p8e/proto/java-class-name";
import { MISMOLoanMetadataSchema } from "../src/gen/tech/figure/loan/v1beta1/mismo_loan_pb.ts";
import { LoanStateSchema } from "../src/gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";

it("the types have the names of the classes that loan-package-contracts imports", () => {
  const names = Object.fromEntries(
    Object.entries(inputSchemas).map(([input, schema]) => [input, javaClassName(schema)]),
  );
  assert.deepEqual(names, {
    asset: "tech.figure.asset.v1beta1.Asset",
    documents: "tech.figure.loan.v1beta1.LoanDocuments",
    eNote: "io.dartinc.registry.v1beta1.ENote",
    loanValidation: "tech.figure.validation.v1beta2.LoanValidation",
    servicingData: "tech.figure.servicing.v1beta1.LoanStateOuterClass$ServicingData",
    servicingRights: "tech.figure.servicing.v1beta1.ServicingRightsOuterClass$ServicingRights",
  });
  assert.equal(javaClassName(LoanSchema), "tech.figure.loan.v1beta1.Loan");
  assert.equal(javaClassName(MISMOLoanMetadataSchema), "tech.figure.loan.v1beta1.MISMOLoanMetadata");
  assert.equal(javaClassName(LoanStateSchema), "tech.figure.servicing.v1beta1.LoanStateOuterClass$LoanState");
});
