// Half a pair has no URI.
// expect: contract.failed URIError
return encodeURIComponent("\ud83d");
