// The text of a very long integer is made by halves; it takes no stack of its own length.
// expect: passes 30103
return String(2n ** 100000n).length;
