// A module must not name a variable for the keyword.
// expect: loading contract.failed SyntaxError
const await = 1; return await;
