// But they compare exactly, beyond what a number can hold.
// expect: passes true false true
return `${2n ** 53n + 1n > 2 ** 53} ${2n ** 53n + 1n == 2 ** 53} ${10n ** 400n < Infinity}`;
