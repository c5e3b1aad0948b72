// Half a surrogate pair has no UTF-8 form.
// expect: contract.failed TypeError
return "a\ud800";
