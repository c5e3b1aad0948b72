import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { P8eError } from "@p8e/core";
import type { CommandContext } from "../command-context.ts";
import { type PackageSource, packageSource } from "./package-source.ts";

/** What the project is made of; `gitignore` gets its dot there, since npm would take it for its own. */
const TEMPLATE = fileURLToPath(new URL("../../template/", import.meta.url));
/** Stands in the template for the name of the project's contract. */
const NAME = "CONTRACT_NAME";

/** What the project wants from a registry, each in the version that p8e is built with. */
const LIBRARY = { "@bufbuild/protobuf": "2.17.0" };
const TOOLS = { "@types/node": "24.19.2", typescript: "7.0.2" };
const GENERATOR = "npx --yes -p @bufbuild/buf@1.75.0 -p @bufbuild/protoc-gen-es@2.17.0 buf generate";

/**
 * Makes a project with a contract in a folder that is not there yet, or is empty.
 * @throws `input.invalid` for a folder that has anything, or a name that no contract can have; what {@link packageSource}
 *   throws when the packages of p8e are nowhere
 */
export async function newContract({ screen, variables, signal }: CommandContext, folder: string): Promise<void> {
  const into = resolve(folder);
  const name = contractName(basename(into));
  await requireFree(into);
  const source = await packageSource({ variables, signal, say: (text) => screen.say(text) });
  await mkdir(dirname(into), { recursive: true });
  // Made beside its place and put there whole: what a crash leaves is in nobody's way.
  const draft = await mkdtemp(join(dirname(into), `.${basename(into)}.new-`));
  try {
    await writeProject(draft, { name, packageName: basename(into).toLowerCase(), source });
    await rename(draft, into);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw P8eError.from(error, "input.invalid");
  }
  screen.say(`${screen.style("green", "✔")} made ${into}: ${name}.RecordAppraisal, to be changed to yours`);
  screen.say("Go on there with:");
  for (const command of ["npm install", "npm test", "npx --no p8e up"]) screen.command(`  ${command}`);
  screen.result({ folder: into, className: `${name}.RecordAppraisal`, packages: source.packages });
}

/** @throws `input.invalid` for what is there and is no empty folder */
async function requireFree(into: string): Promise<void> {
  let there: string[];
  try {
    there = await readdir(into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new P8eError("input.invalid", `${into} is no folder that can be used`, {
      cause: error,
      hint: "Name a folder that is not there yet.",
    });
  }
  if (there.length > 0) {
    throw new P8eError("input.invalid", `${into} is not empty: it has ${there[0]}`, {
      hint: "Name a folder that is not there yet.",
    });
  }
}

async function writeProject(
  into: string,
  of: { readonly name: string; readonly packageName: string; readonly source: PackageSource },
): Promise<void> {
  const files = (await readdir(TEMPLATE, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  for (const entry of files) {
    const from = join(entry.parentPath, entry.name);
    const path = relative(TEMPLATE, from);
    const to = join(into, path === "gitignore" ? ".gitignore" : path);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, (await readFile(from, "utf8")).replaceAll(NAME, of.name));
  }
  await writeFile(join(into, "package.json"), `${JSON.stringify(manifest(of.packageName, of.source), null, 2)}\n`);
}

/** What a project that wants p8e's packages cannot be called: npm takes them for something else. */
const TAKEN = ["node_modules", "favicon.ico", "p8e", "typescript"];

/** Class names on the ledger begin with it. */
function contractName(folder: string): string {
  const name = folder.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const fits = /^[a-z][a-z0-9]{0,63}$/.test(name) && /^[a-z0-9][a-z0-9._-]*$/i.test(folder);
  if (!fits || TAKEN.includes(folder.toLowerCase())) {
    throw new P8eError(
      "input.invalid",
      "the folder's name is the contract's and the package's: letters, digits, hyphens, dots and underscores, a letter first, and no package's that it needs",
      {
        facts: { folder },
      },
    );
  }
  return name;
}

function manifest(name: string, { packages, overrides }: PackageSource) {
  const { "@p8e/contract": contract, ...tools } = packages;
  return {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      // A pattern, which a Node.js that is too old for TypeScript refuses instead of finding no tests.
      test: `tsc && node --test "test/**/*.test.ts" && p8e contract check src/contract.ts`,
      generate: GENERATOR,
    },
    dependencies: { ...LIBRARY, "@p8e/contract": contract },
    devDependencies: { ...TOOLS, ...tools },
    ...(overrides === undefined ? {} : { overrides }),
  };
}
