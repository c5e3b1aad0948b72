// Writing a long number in tens is paid.
// expect: contract.out_of_fuel
let all = 0;
for (;;) all += String((1n << 300000n) - 1n).length;
