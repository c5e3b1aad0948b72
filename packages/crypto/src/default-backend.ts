import type { CurveBackend } from "./curve-backend.ts";
import { nativeBackendIfAny } from "./native-backend.ts";
import { portableBackend } from "./portable-backend.ts";

/**
 * libsecp256k1 where its binding loads, else the portable one; never the native package's own JavaScript fallback. Which
 * it is, its `name` and `constantTime` say: on a machine without a binary (Linux on ARM is one), work with private keys
 * takes a time that depends on them.
 */
export function defaultBackend(): CurveBackend {
  return nativeBackendIfAny() ?? portableBackend();
}
