// The source of an expression can be read again as a literal.
// expect: passes \/\n (?:)
return `${new RegExp("/\n").source} ${new RegExp("").source}`;
