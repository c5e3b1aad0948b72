import { fileURLToPath } from "node:url";
import { buildContract } from "@p8e/contract";
import type { ScopeSpecificationAddress } from "@p8e/core";
import { scopeSpecification } from "@p8e/example-hello";
import type { World } from "../world-fixture.ts";

const entry = fileURLToPath(new URL("../../../../examples/hello/src/contract.ts", import.meta.url));

/** The lender publishes the contract that greets; the kind of scope that it is for. */
export async function publishHello(world: World): Promise<ScopeSpecificationAddress> {
  const { publisher } = world.lender.client;
  const built = await buildContract({ entry, describe: (bundle) => world.sandbox.describe(bundle) });
  const plan = await publisher.plan({ built, scopes: [scopeSpecification], audience: [] });
  await publisher.publish(plan);
  return plan.scopes[0]!;
}
