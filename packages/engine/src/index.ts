export { sameExecution } from "./execution/compare-executions.ts";
export { examineValues } from "./execution/examine-values.ts";
export {
  type ExecutedContract,
  type Execution,
  type ExecutionOutcome,
  executeContract,
  type FailedContract,
  type PassedResult,
  type SignContract,
  type SkippedResult,
} from "./execution/execute-contract.ts";
export { type LoadedContract, type LoadOptions, loadContract } from "./execution/load-contract.ts";
export {
  type ExecutionPlan,
  type PlannedFunction,
  planExecution,
  type SkipReason,
} from "./execution/plan-execution.ts";
export { failureError, type GuestFailure } from "./sandbox/guest-failure.ts";
export {
  type DescribeOptions,
  type FunctionOutcome,
  openSandbox,
  type RunOptions,
  type RunRequest,
  type RunResult,
  type Sandbox,
  type SandboxOptions,
  type TryOutOptions,
} from "./sandbox/sandbox.ts";
export { type TrialCase, type TrialOptions, type TrialReport, tryFunctions } from "./trial/try-functions.ts";
