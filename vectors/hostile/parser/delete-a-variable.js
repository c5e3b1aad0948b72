// Deleting a plain name is refused in strict code.
// expect: loading contract.failed SyntaxError
const a = 1; delete a;
