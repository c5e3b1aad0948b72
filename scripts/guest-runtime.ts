// What every contract is built with beside its author's own code, as one file: the library of protobuf and p8e's half that
// runs in the sandbox. `npm run generate` writes it; how p8e is installed then makes no difference to a bundle.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { hashContent } from "@p8e/core";
import { build, transform } from "esbuild";

const root = dirname(import.meta.dirname);
const LIBRARY = "@bufbuild/protobuf";

/** Where the file lies, relative to the root. */
export const guestRuntimeFile = "packages/contract/guest-runtime/guest-runtime.json";

/** What contracts may import by name, and what a bundle's entry imports; what they lead to. */
function doors(): Readonly<Record<string, string>> {
  const folder = join(root, "node_modules", LIBRARY);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    exports: Readonly<Record<string, { readonly import: string }>>;
  };
  return {
    ...Object.fromEntries(
      Object.entries(exports).map(([door, file]) => [join(LIBRARY, door), join(folder, file.import)]),
    ),
    "@p8e/contract": join(root, "packages/contract/src/author.ts"),
    "@p8e/contract/author": join(root, "packages/contract/src/author.ts"),
    "@p8e/proto/pack-any": join(root, "packages/proto/src/pack-any.ts"),
    "p8e-guest": join(root, "packages/contract/src/guest/serve-contract.ts"),
  };
}

/** How a module is called in the file: by its package, and its path in there. */
function moduleName(file: string): string {
  const path = relative(root, file).split(sep).join("/");
  return path.replace(/^node_modules\//, "").replace(/^packages\/([a-z-]+)\/src\//, "@p8e/$1/");
}

/** The text of the file as the sources at hand make it. */
export async function guestRuntimeText(): Promise<string> {
  const byDoor = doors();
  const { metafile } = await build({
    ...{ entryPoints: [...new Set(Object.values(byDoor))], absWorkingDir: root, outdir: "unwritten", write: false },
    ...{ bundle: true, metafile: true, format: "esm", platform: "neutral", mainFields: ["module"], logLevel: "error" },
    external: Object.keys(byDoor).filter((door) => door.startsWith("@p8e/")),
  });
  const modules: [name: string, code: string][] = [];
  for (const path of Object.keys(metafile.inputs)) {
    const text = readFileSync(join(root, path), "utf8");
    const loader = path.endsWith(".ts") ? "ts" : "js";
    // As contracts' own code is compiled. Comments go, but for those that tell the compiler what may be left out.
    const { code } = await transform(text, { loader, target: "es2022", tsconfigRaw: "{}", legalComments: "none" });
    modules.push([moduleName(join(root, path)), code]);
  }
  modules.sort(([one], [other]) => (one < other ? -1 : 1));
  const content = {
    doors: Object.fromEntries(Object.entries(byDoor).map(([door, file]) => [door, moduleName(file)])),
    modules: Object.fromEntries(modules),
  };
  return `${JSON.stringify(content, null, 1)}\n`;
}

/** Writes the file, and says what its hash is. */
export async function writeGuestRuntime(): Promise<void> {
  const text = await guestRuntimeText();
  writeFileSync(join(root, guestRuntimeFile), text);
  process.stdout.write(`generated ${guestRuntimeFile}, ${hashContent(new TextEncoder().encode(text))}\n`);
}
