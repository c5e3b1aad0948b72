import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { parse } from "acorn";
import { freeNames } from "../src/bundle/free-names.ts";
import { sandboxNames } from "../src/domain/sandbox-names.ts";

it("the names of the sandbox are those that it tells", async () => {
  await using sandbox = openSandbox();
  const lines = [
    "// p8e-contract abi=2 class=x.Names",
    "export const describe = () => JSON.stringify(Object.getOwnPropertyNames(globalThis));",
    "export const load = () => {}, call = load;",
  ];
  const told = JSON.parse(await sandbox.describe(new TextEncoder().encode(`${lines.join("\n")}\n`)));
  assert.deepEqual([...sandboxNames].sort(), told.sort());
});

describe("free names of a module", () => {
  const found = (code: string) =>
    freeNames(parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true })).map(({ name }) => name);
  const cases: Record<string, readonly [code: string, names: readonly string[]]> = {
    "a use": ["export const x = Date.now();", ["Date"]],
    "an assignment": ["count = 1; export {};", ["count"]],
    "a loop's variable that nothing declares": ["for (each of []) ;", ["each"]],
    "what a shorthand property reads": ["export const x = { Date };", ["Date"]],
    "the default of a parameter": ["export const f = (a, b = Date) => a;", ["Date"]],
    "a computed key": ["export const x = { [Date]: 1 };", ["Date"]],
    "a superclass": ["export class X extends Date {}", ["Date"]],
    "a class's field": ["export class X { at = Date.now() }", ["Date"]],
    "a name declared in another block": ["{ let fetch = 1; fetch; } fetch();", ["fetch"]],
    "a parameter of another function": ["export function f(Date) { return Date; } Date;", ["Date"]],
    "a function whose name is used": ["function f() { return Date; } export const x = [f];", ["Date"]],
    "a function below what returns": [
      "export const g = () => { return f(); function f() { return Date; } };",
      ["Date"],
    ],
    "a function that is replaced": ["export let f = () => Date; f = () => fetch;", ["Date", "fetch"]],
    "behind a guard that says the opposite": ['if (typeof Date === "undefined") Date.now();', ["Date"]],
    "behind a guard of a name that is there": ['if (typeof Map !== "undefined") Date.now();', ["Date"]],
    "beside a guard": ['typeof Date === "function" && Date.now(); Date.parse("");', ["Date"]],
    "behind a variable with two values": ['let has = typeof Date === "function"; has = true; if (has) Date;', ["Date"]],
    "behind a guard or another condition": ["if (typeof Date < 'u' || isNaN(1)) Date();", ["Date"]],
    "in the other branch": ['export const x = typeof Date === "function" ? 0 : fetch();', ["fetch"]],
    "in a case that can be": ["switch (typeof Date) { case 'undefined': fetch(); break; default: Date(); }", ["fetch"]],

    "typeof alone": ["export const x = typeof Date;", []],
    "what is declared": ["import Date, { fetch } from 'x'; class URL {} Date; fetch; URL;", []],
    "what patterns declare": ["const { a: { Date }, ...fetch } = {}, [URL = 1] = []; Date; fetch; URL;", []],
    "a var above its line, out of a block": ["Date; { var Date = 1; }", []],
    "keys, members and labels": ["Date: for (;;) { break Date; } export const x = { fetch: 1, URL() {} }.fetch;", []],
    "arguments, and a function's own name": ["export const f = function g() { return [arguments, g]; };", []],
    "what catch declares": ["try { } catch (process) { process; }", []],
    "a function that nothing uses": ["function f() { return Date; }", []],
    "a guard": ['export const x = typeof Date === "function" ? Date.now() : 0;', []],
    "a guard as compilers shorten it": ['export const x = typeof Date < "u" && Date.now();', []],
    "a guard the other way round": ['export const x = "undefined" == typeof Date || Date.now();', []],
    "a guard for another name that comes with it": ['if (typeof window != "undefined") document.title;', []],
    "a guard that leaves": ['export const f = () => { if (typeof Date > "u") return 0; return Date.now(); };', []],
    "a guard that throws": ['export const f = () => { if (typeof Date > "u") { throw 1; } return Date.now(); };', []],
    "a guard in a variable": ['const has = !(typeof Date === "undefined"); export const f = () => has && Date();', []],
    "a guard in a function": ['function has() { return typeof Date < "u"; } if (has()) Date();', []],
    "a guard beside another condition": ["if (isNaN(1) && typeof Date == 'function' && isNaN(2)) Date();", []],
    "a guard beside another one that leaves": [
      "export const f = (a) => { if (a || typeof Date > 'u') return 0; return Date.now(); };",
      [],
    ],
    "a guard in either case": ["if (isNaN(1) ? typeof Date < 'u' : typeof process < 'u') Date();", []],
    "a guard of a member": ["if (globalThis.process?.versions?.node !== undefined) process.cwd();", []],
    "a guard in a switch": ["switch (typeof Date) { case 'function': Date(); break; default: }", []],
    "a loop that never turns": ["while (typeof Date === 'function') Date();", []],
    "a function that guarded code alone uses": ["if (typeof Date < 'u') f(); function f() { Date(); }", []],
    "functions that guard each other forever": ["const a = () => b(), b = () => a(); if (a()) b();", []],
  };
  for (const [what, [code, names]] of Object.entries(cases)) {
    it(`${names.length === 0 ? "has none: " : "finds "}${what}`, () => assert.deepEqual(found(code), names));
  }
});
