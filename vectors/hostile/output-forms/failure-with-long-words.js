// Words are cut, each.
// expect: contract.failed RuleViolation
throw { name: "RuleViolation", rule: "r".repeat(1e6), field: "f".repeat(1e6), message: "m".repeat(1e6) };
