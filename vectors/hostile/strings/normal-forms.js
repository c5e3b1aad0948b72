// The four forms of one text, by tables of the interpreter's own.
// expect: passes 1e9b.323 17f.323.307 1e69 73.323.307
const text = "\u1e9b\u0323";
return ["NFC", "NFD", "NFKC", "NFKD"].map((form) => Array.from(text.normalize(form), (c) => c.codePointAt(0).toString(16)).join(".")).join(" ");
