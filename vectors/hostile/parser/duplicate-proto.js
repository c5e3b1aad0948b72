// An object literal has one prototype.
// expect: loading contract.failed SyntaxError
return { __proto__: null, "__proto__": Array.prototype };
