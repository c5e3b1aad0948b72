// Functions of the mathematics library are the interpreter's own: the same digits on every machine.
// expect: passes 0.8414709848078965 2.718281828459045 0.6931471805599453 1.5574077246549023
return [Math.sin(1), Math.exp(1), Math.log(2), Math.tan(1)].join(" ");
