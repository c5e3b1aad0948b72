// Matching all without the flag is refused.
// expect: contract.failed TypeError
return [..."aa".matchAll(/a/)];
