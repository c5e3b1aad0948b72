// A subclass whose copies are too short.
// expect: contract.failed TypeError
class Short extends Uint8Array { static get [Symbol.species]() { return function () { return new Uint8Array(1); }; } }
return new Short(4).slice().length;
