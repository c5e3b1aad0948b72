// The cases of a switch share one scope, with one dead zone.
// expect: contract.failed ReferenceError
switch (2) { case 1: let a = 1; break; case 2: return a; }
