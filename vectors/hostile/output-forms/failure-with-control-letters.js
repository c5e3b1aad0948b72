// Control letters in the words of a failure are told as they are; who shows them escapes them.
// expect: contract.failed Fail
throw { name: "Fail", message: "\u001b[2J\r\u0000\u202eevil" };
