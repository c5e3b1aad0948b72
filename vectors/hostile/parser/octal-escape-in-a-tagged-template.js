// A tag sees a bad escape as undefined, with its raw text.
// expect: passes undefined \u{bad
const seen = (parts) => `${parts[0]} ${parts.raw[0]}`;
return seen`\u{bad`;
