// A shift by more bits than there is memory.
// expect: contract.failed RangeError
return 1n << (1n << 40n);
