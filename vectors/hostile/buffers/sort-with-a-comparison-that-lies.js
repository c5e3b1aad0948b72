// A comparison without an order loses no element.
// expect: passes 6
const bytes = Uint8Array.of(3, 1, 2);
bytes.sort(() => 1);
return bytes.reduce((sum, n) => sum + n);
