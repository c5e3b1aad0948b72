// Writing outside is lost.
// expect: passes 0,0,0,0
const all = new Uint8Array(4), part = all.subarray(1, 2);
part[1] = 7; part[-1] = 7; part["-0"] = 7;
return all.join();
