// A ledger that stops while clients call it, again and again: no client's process may end by that.
import { it } from "node:test";
import { stopUnderCalls } from "./calling-process.ts";

const ROUNDS = 5;

it(`a client's process outlives ${ROUNDS} stops of the ledger it calls, and calls on after each`, () =>
  stopUnderCalls(ROUNDS));
