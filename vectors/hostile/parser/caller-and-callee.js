// Nobody sees who called, in strict code.
// expect: contract.failed TypeError
return (function () { return arguments.callee; })();
