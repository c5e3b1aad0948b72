// The shift without sign has no meaning here.
// expect: contract.failed TypeError
return 1n >>> 0n;
