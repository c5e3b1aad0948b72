// Nothing built in is deleted.
// expect: contract.failed TypeError
delete TextDecoder.prototype.decode;
