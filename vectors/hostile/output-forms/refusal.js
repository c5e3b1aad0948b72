// A refusal as the library makes it.
// expect: contract.failed RuleViolation
// form: message
throw Object.assign(new Error("must be positive"), { name: "RuleViolation", rule: "positive", field: "loan.amount" });
