// Nor does an overlong form come out of one.
// expect: contract.failed URIError
return decodeURIComponent("%C0%80");
