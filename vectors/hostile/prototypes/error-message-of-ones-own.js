// Errors take a name and a message by assignment.
// expect: contract.failed Mine
class Mine extends Error {}
const error = new Mine("first"); error.name = "Mine"; error.message = "second";
throw error;
