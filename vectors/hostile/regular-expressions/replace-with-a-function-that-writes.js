// The function of a replacement changes the expression's position; the matches stay those found.
// expect: passes <a><a><a>
const all = /a/g;
return "aaa".replace(all, (found) => { all.lastIndex = 1e9; return `<${found}>`; });
