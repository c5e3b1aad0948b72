// Compiling anew works on a subclass as well, as the standard has it.
// expect: passes compiled
class Mine extends RegExp {}
new Mine("a").compile("b");
return "compiled";
