// Inheriting from a view makes none.
// expect: passes false
return ArrayBuffer.isView(Object.create(Uint8Array.prototype));
