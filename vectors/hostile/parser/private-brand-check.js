// A private name asks an object of another class without throwing.
// expect: passes false
class Safe { #secret = 1; static holds(o) { return #secret in o; } }
return Safe.holds(new Proxy(new Safe(), {}));
