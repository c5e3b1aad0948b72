import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoreHarness } from "./store-under-test.ts";
import { TestStore } from "./test-store.ts";

/** Maintenance, as the administration service sees it. */
export function adminSuite(harness: StoreHarness): void {
  describe("AdminService", () => {
    it("says that a fresh store is not in maintenance", async () => {
      await using store = await TestStore.open(harness);
      assert.equal(await store.client.maintenance(), false);
    });

    it("answers each setting with the new flag, and Get follows", async () => {
      await using store = await TestStore.open(harness);
      for (const flag of [true, false, true]) {
        assert.equal(await store.client.setMaintenance(flag), flag);
        assert.equal(await store.client.maintenance(), flag);
      }
    });

    it("starts in maintenance when MAINTENANCE_STATE says so, and can be taken out of it", async () => {
      await using store = await TestStore.open(harness, { MAINTENANCE_STATE: "true" });
      assert.equal(await store.client.maintenance(), true);
      assert.equal(await store.client.setMaintenance(false), false);
    });

    it("leaves the flag as it is when the field is absent", async () => {
      await using store = await TestStore.open(harness, { MAINTENANCE_STATE: "true" });
      assert.equal(await store.client.setMaintenance(), true);
      assert.equal(await store.client.maintenance(), true);
    });
  });
}
