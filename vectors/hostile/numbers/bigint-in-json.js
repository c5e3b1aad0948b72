// JSON has no form for it.
// expect: contract.failed TypeError
return JSON.stringify({ amount: 1n });
