// What the author of a contract needs, and nothing that reaches outside: the package's name leads to this entry in a bundle
// (bundle/guest-runtime.ts). On the host the same name gives `index.ts`.

export { packAny } from "@p8e/proto/pack-any";
export {
  type Contract,
  defineContract,
  type FunctionContext,
  optional,
  type Proposals,
  type RecordRequirement,
  required,
} from "./author/define-contract.ts";
export { RuleViolation, type RuleViolationDetails, refuse } from "./author/rule-violation.ts";
export { defineScopeSpecification, type ScopeSpecification } from "./author/scope-specification.ts";
