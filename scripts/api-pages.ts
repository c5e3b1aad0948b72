// The reference under docs/api: a page for each published package, made of what the compiler declares. `npm run generate`
// writes it, `npm run generate -- docs/api` nothing else; a test holds it to the code.
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { type Declaration, type DeclarationFile, declarationFile } from "./api/declarations.ts";
import { type ApiPackage, type Door, indexPage, type Offered, packagePage } from "./api/package-page.ts";
import { compile, manifestOf, publishedFolders } from "./pack.ts";

const root = dirname(import.meta.dirname);

/** Where the pages lie, relative to the root. */
export const apiFolder = "docs/api";

/** The pages, and what has no comment that they could show. */
export interface ApiPages {
  /** By file name. */
  readonly pages: ReadonlyMap<string, string>;
  /** As `@p8e/core parseText`. */
  readonly undocumented: readonly string[];
}

/** Makes the pages of all published packages; nothing is written. @throws Error when the compiler fails */
export function apiPages(): ApiPages {
  const libraries = publishedFolders().filter((folder) => manifestOf(folder).exports !== undefined);
  // What is there to be read as an example comes last.
  const folders = [...libraries].sort(
    (one, other) => Number(one.startsWith("examples/")) - Number(other.startsWith("examples/")),
  );
  mkdirSync(join(root, ".cache"), { recursive: true });
  const work = mkdtempSync(join(root, ".cache", "api-"));
  try {
    compile(work, folders, { declaration: true, emitDeclarationOnly: true, sourceMap: false });
    const read = declarationsUnder(join(work, "compiled"));
    const packages = folders.map((folder) => ({ ...apiPackage(folder, read), file: `${basename(folder)}.md` }));
    const pages = new Map(packages.map((each) => [each.file, packagePage(each)]));
    pages.set("README.md", indexPage(packages));
    const undocumented = packages.flatMap(({ doors }) =>
      doors.flatMap((door) =>
        door.offered.flatMap(({ name, comment }) => (comment === undefined ? [`${door.name} ${name}`] : [])),
      ),
    );
    return { pages, undocumented };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes the pages, and takes away those of packages that are gone. */
export function writeApiPages(): void {
  const { pages } = apiPages();
  mkdirSync(join(root, apiFolder), { recursive: true });
  for (const file of committedPages()) if (!pages.has(file)) rmSync(join(root, apiFolder, file));
  for (const [file, text] of pages) writeFileSync(join(root, apiFolder, file), text);
}

/** Pages that lie there and are not what the code makes, are missing, or belong to no package. */
export function staleApiPages({ pages }: ApiPages): readonly string[] {
  const at = (file: string) => join(root, apiFolder, file);
  const changed = [...pages].flatMap(([file, text]) =>
    existsSync(at(file)) && readFileSync(at(file), "utf8") === text ? [] : [file],
  );
  return [...changed, ...committedPages().filter((file) => !pages.has(file))].sort();
}

function committedPages(): readonly string[] {
  return globSync("*.md", { cwd: join(root, apiFolder) });
}

/** Reads declarations by their source's file, relative to the root. */
type ReadDeclarations = (source: string) => DeclarationFile;

function declarationsUnder(compiled: string): ReadDeclarations {
  const known = new Map<string, DeclarationFile>();
  return (source) => {
    const found =
      known.get(source) ?? declarationFile(readFileSync(join(compiled, source.replace(/\.ts$/, ".d.ts")), "utf8"));
    known.set(source, found);
    return found;
  };
}

function apiPackage(folder: string, read: ReadDeclarations): ApiPackage {
  const { name, description = "", exports = {} } = manifestOf(folder);
  const doors = Object.entries(exports).map(([door, file]) =>
    apiDoor(posix.join(name, door), posix.join(folder, file), read),
  );
  return { name, description, doors };
}

function apiDoor(name: string, file: string, read: ReadDeclarations): Door {
  const offered: Offered[] = [];
  const wholes: string[] = [];
  const { declared, passedOn } = read(file);
  for (const [each, declaration] of declared) offered.push({ name: each, ...declaration });
  for (const { name: each, source, from } of passedOn) {
    const target = posix.join(posix.dirname(file), from);
    if (source === "*") {
      const protos = protosOf(target, read).map((proto) => `\`${proto}\``);
      wholes.push(`${each === "*" ? "" : `\`${each}.*\`: `}the generated types of ${protos.join(", ")}`);
    } else if (from.startsWith(".")) {
      const { text, comment } = declarationIn(target, source, read);
      offered.push({ name: each, text: text.replace(/^const _default\b/, `const ${each}`), comment });
    } else offered.push({ name: each, text: `export { ${each} } from "${from}"`, comment: `As in \`${from}\`.` });
  }
  return { name, offered: offered.sort(byName), wholes };
}

/** Capitals and small letters apart only where nothing else is. */
function byName(one: Offered, other: Offered): number {
  const [left, right] = [one, other].map(({ name }) => `${name.toLowerCase()} ${name}`);
  return left! < right! ? -1 : 1;
}

function declarationIn(file: string, name: string, read: ReadDeclarations): Declaration {
  const { declared, passedOn } = read(file);
  const found = declared.get(name);
  if (found !== undefined) return found;
  const passed = passedOn.find((each) => each.name === name && each.from.startsWith("."));
  if (passed === undefined) throw new Error(`${file} declares no ${name}, though it is exported`);
  return declarationIn(posix.join(posix.dirname(file), passed.from), passed.source, read);
}

/** The .proto files whose generated types a file passes on. */
function protosOf(file: string, read: ReadDeclarations): readonly string[] {
  const generated = /\/gen\/(.+)_pb\.ts$/.exec(file)?.[1];
  if (generated !== undefined) return [`${generated}.proto`];
  return read(file).passedOn.flatMap(({ from }) => protosOf(posix.join(posix.dirname(file), from), read));
}
