import { it } from "node:test";
import { freePort } from "@p8e/machine";
import { walkTwoOrganisations } from "./support/two-organisations.ts";

it("the guide of two organisations leads where it says, on ports of one machine", { timeout: 300_000 }, async () => {
  const places = new Map<string, string>();
  for (const address of ["10.77.0.10:9090", "10.77.0.11:8080", "10.77.0.12:8080"]) {
    places.set(address, `127.0.0.1:${await freePort()}`);
  }
  const text = (commands: string) =>
    commands.replaceAll(/10\.77\.0\.\d+:\d+/g, (address) => places.get(address) ?? address);
  const machine = { before: [], text };
  await walkTwoOrganisations(new Map(["ledger", "lender", "bank"].map((name) => [name, machine])));
});
