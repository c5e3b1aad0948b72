// A changed copy is refused for a place outside.
// expect: contract.failed RangeError
return Uint8Array.of(1).with(1, 2);
