// An import stands at the top of a module alone.
// expect: loading contract.failed SyntaxError
import "node:fs";
