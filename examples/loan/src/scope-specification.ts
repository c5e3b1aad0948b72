import { defineScopeSpecification } from "@p8e/contract";

/** A loan: whoever owns it records it. */
export const scopeSpecification = defineScopeSpecification({
  name: "example.loan",
  description: "A loan with its note, documents, servicing and validations",
  parties: ["OWNER"],
});
