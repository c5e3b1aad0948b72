import { mapColumns, type Onboarding, readTape, type TapeRecord } from "../../src/index.ts";
import type { World } from "../world-fixture.ts";
import { publishHello } from "./publish-hello.ts";

/** How the lender makes a greeting's scope of each row: a name of the row, and whom to greet. */
export async function greetingsTape(world: World): Promise<Onboarding> {
  const { sessions } = world.lender.client;
  const specification = await publishHello(world);
  const contract = await sessions.find("example.hello.Greet", { kind: "new", specification });
  const base = new Map();
  const rowColumn = "id";
  return {
    ...{ contract, base, rowColumn, textOnly: true, dataAccess: [] },
    columns: mapColumns(["id", "person.name"], new Map(), contract, { rowColumn, base }),
    participants: new Map([["OWNER", world.lender.affiliate]]),
  };
}

/** A row for each name. */
export function rowsOf(...names: readonly string[]): readonly TapeRecord[] {
  const rows = names.map((name, index) => `${name} ${index},${name}\n`);
  return [...readTape(new TextEncoder().encode(`id,person.name\n${rows.join("")}`), "csv").records];
}
