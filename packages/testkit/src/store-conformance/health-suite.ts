import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as health from "@p8e/proto/health";
import { eventually } from "../eventually.ts";
import { expectStatus } from "./expect-status.ts";
import type { StoreHarness } from "./store-under-test.ts";
import { sharedStore, TestStore } from "./test-store.ts";

const { SERVING } = health.HealthCheckResponse_ServingStatus;
const { check, watch } = health.Health.method;

/** The standard health service. */
export function healthSuite(harness: StoreHarness): void {
  describe("Health", () => {
    const store = sharedStore(harness);

    it("says that the store serves, under the empty name", async () => {
      const ask = () => store().client.rpc.unary(check, {});
      await eventually("health", ask, ({ status }) => status === SERVING);
    });

    it("knows no other name, for Check and for Watch", async () => {
      const request = { service: "objectstore.ObjectService" };
      await expectStatus(store().client.rpc.unary(check, request), "NOT_FOUND", "service not registered");
      const watching = store().client.rpc.serverStream(watch, request);
      await expectStatus(watching.next(), "NOT_FOUND", "service not registered");
    });

    it("tells the present status to whoever starts to watch", async () => {
      const watching = store().client.rpc.serverStream(watch, {});
      const { value } = await watching.next();
      assert.equal(value?.status, SERVING);
      await watching.return?.();
    });

    it("still says so in maintenance", async () => {
      await using own = await TestStore.open(harness, { MAINTENANCE_STATE: "true" });
      const ask = () => own.client.rpc.unary(check, {});
      await eventually("health", ask, ({ status }) => status === SERVING);
    });

    it("is not offered when HEALTH_SERVICE_ENABLED is false", async () => {
      await using own = await TestStore.open(harness, { HEALTH_SERVICE_ENABLED: "false" });
      await expectStatus(own.client.rpc.unary(check, {}), "UNIMPLEMENTED");
    });
  });
}
