// Splitting by an empty match takes surrogates apart without a flag, and keeps them with it.
// expect: passes 2 1
return `${"\u{1f600}".split(/(?:)/).length} ${"\u{1f600}".split(/(?:)/u).length}`;
