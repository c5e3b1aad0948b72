// A refusal whose words have no UTF-8 form ends as a failure that can be signed.
// expect: contract.failed RuleViolation
// form: message
throw { name: "RuleViolation", rule: "a\ud800", field: "b\udfff", message: "\udc00\ud800" };
