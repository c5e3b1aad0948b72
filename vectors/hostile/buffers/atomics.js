// And there is nothing to wait with.
// expect: contract.no_authority Atomics
return Atomics.add(new Int32Array(1), 0, 1);
