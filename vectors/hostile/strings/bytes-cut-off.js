// A character cut at the end is refused.
// expect: contract.failed TypeError
return new TextDecoder().decode(new TextEncoder().encode("é").subarray(0, 1));
