import * as health from "@p8e/proto/health";
import { type Route, RpcStatusError, service } from "@p8e/rpc";
import type { HealthMonitor } from "../postgres/health-monitor.ts";

const { SERVING, NOT_SERVING } = health.HealthCheckResponse_ServingStatus;

/** grpc.health.v1 for the one name the reference server registers, the empty one. */
export function healthService(monitor: HealthMonitor): readonly Route[] {
  const answer = () => ({ status: monitor.serving ? SERVING : NOT_SERVING });
  return service(health.Health, {
    check(request) {
      requireName(request.service);
      return answer();
    },
    watch(request, call) {
      requireName(request.service);
      return changes(monitor, answer, call.signal);
    },
  });
}

function requireName(name: string): void {
  if (name !== "") throw new RpcStatusError("NOT_FOUND", "service not registered");
}

/** The status now, and again whenever it has changed. */
async function* changes<T>(monitor: HealthMonitor, answer: () => T, signal: AbortSignal): AsyncGenerator<T, void> {
  let wake = () => {};
  const forget = monitor.onChange(() => wake());
  const stop = () => wake();
  signal.addEventListener("abort", stop, { once: true });
  try {
    let told: boolean | undefined;
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (monitor.serving !== told) {
        told = monitor.serving;
        yield answer();
      } else await changed;
    }
  } finally {
    forget();
    signal.removeEventListener("abort", stop);
  }
}
