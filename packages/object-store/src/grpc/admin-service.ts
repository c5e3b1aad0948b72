import * as objectStore from "@p8e/proto/object-store";
import { type Route, service } from "@p8e/rpc";
import { requireAdmin, type StoreContext } from "./store-context.ts";

/** Maintenance, as the reference has it. */
export function adminService(store: StoreContext): readonly Route[] {
  const answer = () => ({ maintenanceState: store.maintenance.on });
  return service(objectStore.AdminService, {
    async setConfig(request, call) {
      requireAdmin(store, call);
      // Absent is not false: it leaves the flag as it is.
      if (request.maintenanceState !== undefined) await store.maintenance.set(request.maintenanceState);
      return answer();
    },
    getConfig: answer,
  });
}
