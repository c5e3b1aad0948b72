// Nor by a comparison that contradicts itself: the order is the same everywhere.
// expect: passes 1,2,3,4,5
let turn = 0;
const order = [1, 2, 3, 4, 5].sort(() => (turn++ % 2 === 0 ? 0 : -0));
return order.join();
