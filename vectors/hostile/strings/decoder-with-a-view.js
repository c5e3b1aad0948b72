// Nor are other views.
// expect: contract.failed TypeError
return new TextDecoder().decode(new DataView(new ArrayBuffer(2)));
