// Constructors.
// expect: contract.stack_overflow
class A { b = new B(); } class B { a = new A(); }
return new A();
