// A private field cannot be named outside of its class.
// expect: loading contract.failed SyntaxError
class Safe { #secret = 1; }
return new Safe().#secret;
