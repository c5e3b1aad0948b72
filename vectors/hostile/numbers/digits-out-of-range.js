// No more digits than a hundred.
// expect: contract.failed RangeError
return (1).toFixed(101);
