// A class too, by assignment to its prototype.
// expect: passes mine
class Mine {} Mine.prototype.toString = () => "mine";
return new Mine();
