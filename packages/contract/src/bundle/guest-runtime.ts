import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { hashContent, P8eError, utf8Decode } from "@p8e/core";
import type { Plugin } from "esbuild";

/** SHA-256 of the file. With another one, every contract would have another bundle, and so another identity. */
const GUEST_RUNTIME_HASH = "rmEzFx7cXe82UCsHorik48HzZH/QoGMqt5DugbXTpxA=";

/** The modules that every contract is built with; how the file is made is told beside it. */
const GUEST_RUNTIME = new URL("../../guest-runtime/guest-runtime.json", import.meta.url);

/** What the bundle's entry imports to serve the contract. */
export const GUEST_DOOR = "p8e-guest";
const NAMESPACE = "p8e-guest";

interface GuestRuntime {
  /** What is imported by name, and the module that it leads to. */
  readonly doors: Readonly<Record<string, string>>;
  readonly modules: Readonly<Record<string, string>>;
}

/** Whether the compiler names one of these modules, in its list of inputs or in a source map. */
export function isOfGuestRuntime(path: string): boolean {
  return path.startsWith(`${NAMESPACE}:`);
}

/**
 * Has the compiler take protobuf's library, and p8e's half that runs in the sandbox, from the file that comes with this
 * package, wherever the contract lies and whatever is installed there.
 *
 * @throws P8eError `environment.unsupported` if the file is another than this version's
 */
export function guestRuntime(): Plugin {
  const bytes = readFileSync(GUEST_RUNTIME);
  const found = hashContent(bytes);
  if (found !== GUEST_RUNTIME_HASH) {
    throw new P8eError("environment.unsupported", "the installed library of contracts is not the one of this version", {
      facts: { expected: GUEST_RUNTIME_HASH, actual: found },
      hint: "Install p8e again.",
    });
  }
  const { doors, modules } = JSON.parse(utf8Decode(bytes)) as GuestRuntime;
  const inside = (path: string) => ({ path, namespace: NAMESPACE, sideEffects: false });
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^(?:p8e-guest|@bufbuild\/protobuf|@p8e\/(?:contract|proto))(?:$|\/)/ }, ({ path }) => {
        const door = doors[path];
        return door === undefined ? { errors: [{ text: `a contract has no ${path}` }] } : inside(door);
      });
      build.onResolve({ filter: /^\./, namespace: NAMESPACE }, ({ path, importer }) =>
        inside(posix.join(posix.dirname(importer), path)),
      );
      build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => {
        const contents = modules[path];
        return contents === undefined ? undefined : { contents, loader: "js" as const };
      });
    },
  };
}
