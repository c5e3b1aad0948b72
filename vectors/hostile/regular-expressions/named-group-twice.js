// Two groups of one name must stand in different alternatives.
// expect: contract.failed SyntaxError
return eval(`/(?<a>x)(?<a>y)/`);
