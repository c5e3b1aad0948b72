// But not all errors at once.
// expect: contract.failed TypeError
Error.prototype.name = "RuleViolation";
