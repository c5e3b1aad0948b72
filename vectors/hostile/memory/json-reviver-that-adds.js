// The function that reviews what was read adds to what is not reviewed yet.
// expect: contract.stack_overflow
JSON.parse('{"a":1}', function (key, value) { if (key !== "") this.b = value; return { a: {} , value }; });
const grow = () => JSON.parse("[0]", () => grow());
grow();
