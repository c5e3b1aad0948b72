// Built-in functions of the interpreter.
// expect: passes 
// form: module
export const describe = String, load = Object, call = TextEncoder.prototype.encode.bind(new TextEncoder(), "");
