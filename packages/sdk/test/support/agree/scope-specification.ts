import { defineScopeSpecification } from "@p8e/contract";

/** Scopes that tests of agreements write to. */
export const agreeScope = defineScopeSpecification({
  name: "test.agree",
  description: "Something that several agree on",
  parties: ["OWNER"],
});
