// A symbol is never joined silently.
// expect: contract.failed TypeError
return `${Symbol("secret")}`;
