// An error upon an error as its cause is told by its first.
// expect: contract.failed Error
let error = new Error("root");
for (let i = 0; i < 5000; i++) error = new Error("above", { cause: error });
throw error;
