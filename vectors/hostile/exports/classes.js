// A class is a function, and cannot be called.
// expect: at load contract.failed TypeError
// form: module
export class describe {}
export class load {}
export class call {}
