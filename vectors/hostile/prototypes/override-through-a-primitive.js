// Nor through a number, for which the accessor has nothing to write to.
// expect: contract.failed TypeError
(5).valueOf = () => 6;
