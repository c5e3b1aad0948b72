// Words are texts.
// expect: contract.failed thrown value
throw { name: new String("Fail"), message: { toString: () => "m" }, rule: ["r"] };
