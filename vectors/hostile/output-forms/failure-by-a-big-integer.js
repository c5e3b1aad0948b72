// An integer thrown is told by its digits.
// expect: contract.failed thrown value
throw 2n ** 100n;
