// Words that are keywords elsewhere are names of properties.
// expect: passes 10
class Odd { static static = 1; get get() { return 2; } set set(v) {} async async() {} *await() { yield 3; } static async *get() {} }
return Odd.static + new Odd().get + [...new Odd().await()][0] * 2 + 1;
