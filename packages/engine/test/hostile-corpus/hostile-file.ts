import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../../vectors/hostile/", import.meta.url));

/** How the source of a file becomes a bundle, and what is asked of it; docs/protocol/hostile-corpus.md. */
export type HostileForm = (typeof hostileForms)[number];

export const hostileForms = ["text", "bytes", "module", "describe", "contract", "message"] as const;

/** One file of the corpus. */
export interface HostileFile {
  /** Folder and name, without the ending. */
  readonly name: string;
  readonly kind: string;
  readonly idea: string;
  readonly form: HostileForm;
  readonly expected: string;
  readonly source: string;
}

/** All files of the corpus, in the order of their names. */
export function hostileFiles(): readonly HostileFile[] {
  return globSync("*/*.js", { cwd: folder })
    .map((path) => path.replaceAll(sep, "/"))
    .sort()
    .map((path) => parseHostileFile(path.slice(0, -".js".length), readFileSync(join(folder, path), "utf8")));
}

/** @param name for the file, and for the words of an error */
export function parseHostileFile(name: string, content: string): HostileFile {
  const lines = content.split("\n");
  const said = lines.findIndex((line) => !line.startsWith("// "));
  const heads = lines.slice(0, said).map((line) => line.slice("// ".length));
  const headNamed = (key: string): string | undefined =>
    heads.find((line) => line.startsWith(`${key}:`))?.slice(key.length + 1);
  const idea = heads.filter((line) => !/^(expect|form):/.test(line)).join(" ");
  const expected = headNamed("expect")?.trim();
  const named = headNamed("form")?.trim() ?? "text";
  const form = hostileForms.find((one) => one === named);
  if (idea === "" || !expected || form === undefined) throw new Error(`${name} lacks its idea, expectation or form`);
  return { name, kind: name.split("/")[0]!, idea, form, expected, source: lines.slice(said).join("\n") };
}

/** What is left of a source when its constants are taken out: files that are equal in it differ in nothing else. */
export function shapeOf({ source, form }: HostileFile): string {
  const bare = source
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""')
    .replaceAll(/(?<![\w$])\d[\w.]*/g, "0")
    .replaceAll(/\s+/g, "");
  return `${form} ${bare}`;
}
