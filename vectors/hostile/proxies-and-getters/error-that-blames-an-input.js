// And one that blames an input is told as such, with the contract's words.
// expect: input.invalid
throw { name: "MalformedValue", kind: "input", value: "person", message: "m" };
