// What a class extends is asked for its prototype, which must be an object or nothing.
// expect: contract.failed TypeError
class Odd extends Object.defineProperty(function () {}.bind(), "prototype", { value: 1 }) {}
