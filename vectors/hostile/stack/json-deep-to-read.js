// JSON that is nested deeply.
// expect: contract.stack_overflow
return JSON.parse('{"a":'.repeat(50000) + "1" + "}".repeat(50000));
