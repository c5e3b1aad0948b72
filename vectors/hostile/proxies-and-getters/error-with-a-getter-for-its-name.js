// A failure's name that throws is left out.
// expect: contract.failed thrown value
throw { get name() { throw new Error("again"); }, message: "m" };
