// For the tests of a contract's author: the contract as a function call, and in the sandbox that parties run it in.

export { type ScopeRecords, type Trial, tryContract } from "./author/try-contract.ts";
export { type SandboxedContract, sandboxedContract, type TestSandbox } from "./testing/sandboxed-contract.ts";
