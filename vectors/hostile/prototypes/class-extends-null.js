// A class without a parent has nothing to call.
// expect: contract.failed TypeError
class Orphan extends null {}
new Orphan();
