// A misspelled name does not become a global.
// expect: contract.failed ReferenceError
leaked = 1;
