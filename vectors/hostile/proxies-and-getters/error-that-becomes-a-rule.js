// An own object with the words of a broken rule is one: the words are the contract's to choose.
// expect: contract.failed RuleViolation
throw new Proxy({}, { get: (_, key) => (key === "name" ? "RuleViolation" : String(key)) });
