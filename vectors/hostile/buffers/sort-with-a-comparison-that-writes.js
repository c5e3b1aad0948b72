// A comparison that writes into what is sorted changes nothing of the order.
// expect: passes 1,2,3
const bytes = Uint8Array.of(3, 1, 2);
bytes.sort((a, b) => { bytes.fill(0); return a - b; });
return bytes.join();
