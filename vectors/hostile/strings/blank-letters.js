// What is trimmed: marks of byte order and the blanks of Unicode, not the invisible letters.
// expect: passes 0 1
return `${"\ufeff\u00a0\u2003\u2029\u3000".trim().length} ${" \u200b ".trim().length}`;
