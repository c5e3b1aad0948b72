// Run while an image is built: lays the files of one image into a folder, ready to be copied onto nothing.
//   node deploy/images/assemble.ts store|p8e FOLDER
// What comes from where is written into the image, as an SBOM (CycloneDX) and as a list of licences.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { stagePackages } from "../../scripts/pack.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What an image is made of. */
interface Recipe {
  /** The package that is run. */
  readonly app: string;
  /** Names on the path, and the module of the package that each is. */
  readonly programs: Readonly<Record<string, string>>;
  /** Packages that are not taken along, with what they alone need. */
  readonly without: readonly string[];
  /** A folder that is the user's own. */
  readonly data: string;
}

const recipes: Readonly<Record<string, Recipe>> = {
  store: {
    app: "apps/object-store",
    programs: { "object-store": "dist/main.js" },
    without: [],
    data: "mnt/data",
  },
  p8e: {
    app: "apps/cli",
    programs: { p8e: "dist/main.js" },
    // Databases have images of their own; `p8e up` is for a machine, not for a container.
    without: ["@p8e/local-postgres"],
    data: "var/lib/p8e",
  },
};

/** Any user may run the image: what is written belongs to the group 0, in which such users are. */
const USER = 10_001;
const NODE = "usr/local/bin/node";
const APP = "usr/lib/p8e";
const PROBE = "/go/bin/grpc-health-probe";
/** Nothing of these is read when a program runs. */
const UNREAD = /\.(d\.[cm]?ts|map|tsbuildinfo)$|\/(dist-es|dist-types|docs?|examples?|tests?|__tests__|benchmarks?)\//;

interface Component {
  readonly kind: "npm" | "deb" | "golang" | "generic";
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifestIn = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

function assemble(recipe: Recipe, out: string): void {
  rmSync(out, { recursive: true, force: true });
  const components = [
    ...layPackages(recipe, join(out, APP)),
    layNode(out),
    ...layLibraries(out),
    ...(existsSync(PROBE) ? layProbe(out) : []),
  ];
  for (const [name, module] of Object.entries(recipe.programs)) layProgram(out, name, join(APP, "app", module));
  const etc = join(out, "etc");
  mkdirSync(etc, { recursive: true });
  writeFileSync(join(etc, "passwd"), `root:x:0:0::/:/nonexistent\np8e:x:${USER}:0::/${recipe.data}:/nonexistent\n`);
  writeFileSync(join(etc, "group"), "root:x:0:\n");
  writeFileSync(join(etc, "nsswitch.conf"), "hosts: files dns\n");
  writeLists(join(out, "usr/share/p8e"), components);
  mkdirSync(join(out, recipe.data), { recursive: true });
  settle(out, recipe.data);
}

/** The app and every package that it needs, found as Node.js would find them from here. */
function layPackages({ app, without }: Recipe, into: string): readonly Component[] {
  const components: Component[] = [];
  const ours = new Map<string, string>();
  const laid = new Set<string>();
  const visit = (folder: string, manifest: Manifest) => {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).sort()) {
      const found = findPackage(name, folder);
      if (found === undefined) {
        if (manifest.optionalDependencies?.[name] !== undefined) continue;
        throw new Error(`${manifest.name} needs ${name}, which is not installed`);
      }
      if (without.includes(name) || laid.has(found)) continue;
      laid.add(found);
      const inner = manifestIn(found);
      const isOurs = !found.includes("node_modules");
      if (isOurs) ours.set(name, relative(root, found));
      else {
        copyPackage(found, join(into, relative(root, found)));
        components.push(npmComponent(inner));
      }
      visit(found, inner);
    }
  };
  const own = join(root, app);
  visit(own, manifestIn(own));
  mkdirSync(join(root, ".cache"), { recursive: true });
  const work = mkdtempSync(join(root, ".cache", "image-"));
  try {
    const folders = [app, ...ours.values()].sort();
    stagePackages(folders, work);
    for (const folder of folders) {
      const name = manifestIn(join(root, folder)).name;
      copyPackage(join(work, "staged", folder), folder === app ? join(into, "app") : join(into, "node_modules", name));
      components.push(npmComponent(manifestIn(join(root, folder))));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return components;
}

function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const at = join(folder, "node_modules", name);
    if (existsSync(join(at, "package.json"))) return realpathSync(at);
    if (folder === dirname(folder)) return undefined;
  }
}

function copyPackage(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => {
      const inside = `/${relative(from, path)}`;
      if (/^\/(node_modules|src)(\/|$)/.test(inside) && from.includes("staged")) return false;
      return !/^\/node_modules(\/|$)/.test(inside) && !UNREAD.test(`${inside}/`) && !UNREAD.test(inside);
    },
  });
}

const npmComponent = ({ name, version, license }: Manifest): Component => ({
  ...{ kind: "npm", name, version, licence: license ?? "see its folder" },
});

/** Node.js as the lock file has it, whatever the builder runs on. */
function layNode(out: string): Component {
  const folder = join(root, "node_modules", `node-linux-${process.arch}`);
  lay(join(folder, "bin/node"), join(out, NODE), 0o755);
  lay(join(folder, "LICENSE"), join(out, "usr/share/doc/nodejs/copyright"));
  return { kind: "generic", name: "nodejs", version: manifestIn(folder).version, licence: "MIT" };
}

/** What Node.js has loaded when it has started is what it needs. */
function layLibraries(out: string): readonly Component[] {
  const report = "JSON.stringify(process.report.getReport().sharedObjects)";
  const loaded = JSON.parse(execFileSync(join(out, NODE), ["-p", report], { encoding: "utf8" })) as string[];
  const packages = new Map<string, string>();
  for (const path of loaded.filter((each) => each.startsWith("/") && basename(each) !== "node").sort()) {
    lay(realpathSync(path), join(out, path), 0o755);
    packages.set(debianPackage(path), path);
  }
  return [...packages.keys()].sort().map((name) => {
    lay(`/usr/share/doc/${name}/copyright`, join(out, "usr/share/doc", name, "copyright"));
    return { kind: "deb", name, version: debianVersion(name), licence: `see /usr/share/doc/${name}/copyright` };
  });
}

function debianPackage(path: string): string {
  const names = new Set([path, path.replace(/^\/usr/, ""), `/usr${path}`]);
  for (const list of globSync("/var/lib/dpkg/info/*.list").sort()) {
    const holds = readFileSync(list, "utf8")
      .split("\n")
      .some((line) => names.has(line));
    if (holds) return basename(list, ".list").replace(/:.*$/, "");
  }
  throw new Error(`no Debian package has ${path}`);
}

function debianVersion(name: string): string {
  const status = readFileSync("/var/lib/dpkg/status", "utf8").split("\n\n");
  const entry = status.find((each) => each.startsWith(`Package: ${name}\n`));
  const version = /^Version: (.+)$/m.exec(entry ?? "")?.[1];
  if (version === undefined) throw new Error(`the builder does not know which version of ${name} it has`);
  return version;
}

/** The original's health probe, and the modules that it was built from, by its own account (`go version -m`). */
function layProbe(out: string): readonly Component[] {
  lay(PROBE, join(out, "bin/grpc_health_probe"), 0o755);
  lay(`${PROBE}.licence`, join(out, "usr/share/doc/grpc-health-probe/copyright"));
  const modules = readFileSync(`${PROBE}.modules`, "utf8").matchAll(/^\t(?:mod|dep)\t(\S+)\t(\S+)/gm);
  return [...modules].map(([, name, version]) => ({
    ...{ kind: "golang", name: name!, version: version! },
    licence: name!.endsWith("/grpc-health-probe") ? "Apache-2.0" : "see its module",
  }));
}

/** A module that the kernel starts by its first line: there is no shell, and no env. */
function layProgram(out: string, name: string, module: string): void {
  const path = join(out, module);
  const text = readFileSync(path, "utf8").replace(/^#!.*\n/, "");
  writeFileSync(path, `#!/${NODE}\n${text}`);
  chmodSync(path, 0o755);
  const link = join(out, "usr/local/bin", name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(`/${module}`, link);
}

function lay(from: string, to: string, mode = 0o644): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

function writeLists(folder: string, components: readonly Component[]): void {
  const sorted = [...components].sort((a, b) => (`${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1));
  mkdirSync(folder, { recursive: true });
  const bom = {
    ...{ bomFormat: "CycloneDX", specVersion: "1.5", version: 1 },
    components: sorted.map(({ kind, name, version, licence }) => ({
      ...{ type: "library", name, version, purl: packageUrl(kind, name, version) },
      licenses: [{ license: { name: licence } }],
    })),
  };
  writeFileSync(join(folder, "sbom.cdx.json"), `${JSON.stringify(bom, null, 2)}\n`);
  const lines = sorted.map(({ kind, name, version, licence }) => `${kind}\t${name}\t${version}\t${licence}\n`);
  writeFileSync(join(folder, "licences.tsv"), lines.join(""));
}

function packageUrl(kind: Component["kind"], name: string, version: string): string {
  const within = kind === "deb" ? "debian/" : "";
  return `pkg:${kind}/${within}${name.replace("@", "%40")}@${version}`;
}

/** One time for all files, so that two builds of one commit are the same; and what users may write. */
function settle(out: string, data: string): void {
  chownSync(join(out, data), USER, 0);
  chmodSync(join(out, data), 0o770);
  for (const path of [...globSync("**", { cwd: out }), "."].reverse()) lutimesSync(join(out, path), 0, 0);
}

const [name = "", out] = process.argv.slice(2);
const recipe = recipes[name];
if (recipe === undefined || out === undefined) {
  process.stderr.write(`assemble.ts ${Object.keys(recipes).join("|")} FOLDER\n`);
  process.exit(2);
}
assemble(recipe, out);
