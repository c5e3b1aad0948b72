// What it blames must be a record or an input.
// expect: contract.failed MalformedValue
throw Object.assign(new Error("m"), { name: "MalformedValue", kind: "ledger", value: "person" });
