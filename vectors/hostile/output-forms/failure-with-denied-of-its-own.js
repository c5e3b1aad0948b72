// The mark of a denial is the prelude's own.
// expect: contract.failed NoAuthority
throw { name: "NoAuthority", denied: "fetch", message: "a contract has no fetch" };
