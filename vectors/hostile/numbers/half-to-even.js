// Half goes to even in a clamped array, upwards in rounding.
// expect: passes 0 2 2 1 2 3 -0
const [a, b, c] = Uint8ClampedArray.of(0.5, 1.5, 2.5);
return `${a} ${b} ${c} ${Math.round(0.5)} ${Math.round(1.5)} ${Math.round(2.5)} ${Object.is(Math.round(-0.5), -0) ? "-0" : "0"}`;
