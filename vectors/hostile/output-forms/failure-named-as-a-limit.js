// A failure with the name of a limit is no limit.
// expect: contract.failed fuel limit
throw Object.assign(new Error("the contract did more work than its fuel lasts for"), { name: "fuel limit" });
