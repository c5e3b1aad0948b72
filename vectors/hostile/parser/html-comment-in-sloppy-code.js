// In code that is no module the same comment hides a line.
// expect: passes 2
return new Function(`let n = 2;\n<!-- n = 3;\nreturn n;`)();
