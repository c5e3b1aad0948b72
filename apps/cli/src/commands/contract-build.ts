import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** `p8e contract build`. */
export const contractBuild: CommandDefinition = {
  register(program, action) {
    group(program, "contract")
      .command("build <file>")
      .description("bundle a contract, the same bytes every time")
      .option("--out <folder>", "where bundle, types and manifest go", "./build")
      .action(action(run));
  },
};

async function run({ screen, signal }: CommandContext, file: string, options: { readonly out: string }): Promise<void> {
  const [{ manifestText }, { buildStep }] = await Promise.all([
    import("@p8e/contract"),
    import("../support/build-step.ts"),
  ]);
  const built = await buildStep(screen, file, signal);
  const name = built.manifest.className;
  await mkdir(options.out, { recursive: true });
  const paths = {
    bundle: join(options.out, `${name}.js`),
    map: join(options.out, `${name}.js.map`),
    types: join(options.out, `${name}.types.binpb`),
    manifest: join(options.out, `${name}.manifest.json`),
  };
  await writeFile(paths.bundle, built.bundle);
  await writeFile(paths.map, built.map);
  await writeFile(paths.types, built.types.bytes);
  await writeFile(paths.manifest, manifestText(built.manifest));
  screen.facts(Object.entries(paths));
  screen.result({ ...paths, manifest: built.manifest, manifestPath: paths.manifest });
}
