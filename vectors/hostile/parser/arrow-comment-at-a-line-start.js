// And so does the arrow that ends one.
// expect: passes 1
return new Function(`let n = 1;\n--> n = 2\nreturn n;`)();
