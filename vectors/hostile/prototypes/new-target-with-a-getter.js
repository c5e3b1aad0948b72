// The target's prototype is asked for by a getter that never ends.
// expect: contract.out_of_fuel
Reflect.construct(Array, [], Object.defineProperty(function () {}.bind(), "prototype", { get() { for (;;); } }));
