import { optionalProvenanced, startProvenanced } from "@p8e/testkit";
import { scopesSuite } from "./scopes-suite.ts";
import { openWorld } from "./world-fixture.ts";

await optionalProvenanced("readers and value owners of scopes on a real node", (found) =>
  scopesSuite("a real node", async () => {
    await using stack = new AsyncDisposableStack();
    const node = stack.use(await startProvenanced(found));
    const world = stack.use(await openWorld(node));
    const owned = stack.move();
    return { ...world, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }),
);
