import { docComment } from "./doc-comment.ts";

/** What a door of a package offers under one name. */
export interface Offered {
  readonly name: string;
  /** As it stands in code, with the comments of its parts. */
  readonly text: string;
  readonly comment: string | undefined;
}

/** What one can import from: a package, or a part of it. */
export interface Door {
  /** As one imports it: `@p8e/party/profile`. */
  readonly name: string;
  readonly offered: readonly Offered[];
  /** In words, what it passes on as a whole: the types of .proto files. */
  readonly wholes: readonly string[];
}

/** A package as its page shows it. */
export interface ApiPackage {
  readonly name: string;
  readonly description: string;
  readonly doors: readonly Door[];
}

/** The reference page of a package, as Markdown. */
export function packagePage({ name, description, doors }: ApiPackage): string {
  const anchors = anchorsOf(doors);
  const lines = [`# ${name}`, "", description, "", MADE_BY, ""];
  for (const door of doors) {
    const own = anchors.get(door)!;
    lines.push(`## Import from ${door.name}`, "");
    if (door.wholes.length > 0) lines.push(...door.wholes.map((whole) => `- ${whole}`), "");
    if (door.offered.length > 0)
      lines.push(`${door.offered.map((each) => `[${each.name}](#${own.get(each.name)})`).join(" · ")}`, "");
    for (const { name: offered, text, comment } of door.offered) {
      const link = (to: string): string => {
        const anchor = own.get(to.split(".")[0]!);
        return anchor === undefined ? `\`${to}\`` : `[\`${to}\`](#${anchor})`;
      };
      lines.push(`### ${offered}`, "");
      if (comment !== undefined) lines.push(docComment(comment, link), "");
      lines.push("```ts", text, "```", "");
    }
  }
  return lines.join("\n");
}

const MADE_BY = "Made from the comments in the code by `npm run generate -- docs/api`.";

/** The page that leads to all others. */
export function indexPage(packages: readonly (ApiPackage & { readonly file: string })[]): string {
  const rows = packages.map(
    ({ name, description, file, doors }) =>
      `| [${name}](${file}) | ${description} | ${doors.map((door) => `\`${door.name}\``).join(", ")} |`,
  );
  return [
    "# Reference",
    "",
    INTRODUCTION,
    "",
    "| package | what it is | import from |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

const INTRODUCTION = `What each published package offers. ${MADE_BY} A page shows for each name what its comment says and its declaration; error codes are told in [errors.md](../errors.md). An application begins with \`openParty\` of [@p8e/party](party.md), a contract's author with [@p8e/contract](contract.md).`;

/** As GitHub names headings: in lower case, with a number where one comes again. */
function anchorsOf(doors: readonly Door[]): ReadonlyMap<Door, ReadonlyMap<string, string>> {
  const counts = new Map<string, number>();
  const next = (heading: string): string => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  };
  const all = new Map<Door, Map<string, string>>();
  for (const door of doors) {
    next(`Import from ${door.name}`);
    all.set(door, new Map(door.offered.map(({ name }) => [name, next(name)])));
  }
  return all;
}
