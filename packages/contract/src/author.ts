// What the author of a contract needs, and nothing that reaches outside: this entry is bundled into the sandbox, where
// the package's name resolves to it by the export condition "p8e-guest". On the host the same name gives `index.ts`.

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
