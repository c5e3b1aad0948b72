// A payload that was written as bytes and read as a number does not come out again.
// expect: passes 7ff8000000000000
const words = BigUint64Array.of(0xfff123456789abcdn);
const numbers = new Float64Array(words.buffer);
const [n] = numbers;
return new BigUint64Array(Float64Array.of(n).buffer)[0].toString(16);
