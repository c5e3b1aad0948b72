// A name is not readable before its declaration ran.
// expect: contract.failed ReferenceError
const read = () => later;
read();
const later = 1;
