/**
 * A comment of documentation as Markdown: its text, then what a caller gives, gets, and may be thrown.
 *
 * @param link makes what a `{@link NAME}` becomes
 */
export function docComment(comment: string, link: (name: string) => string): string {
  const [text, ...tags] = `\n${comment}`.split(/^(?=@\w)/m);
  const isExample = (tag: string): boolean => tag.startsWith("@example");
  const items = tags.filter((tag) => !isExample(tag)).map((tag) => tagItem(inOneLine(tag)));
  const examples = tags.filter(isExample).map((tag) => `\`\`\`ts\n${tag.slice("@example".length).trim()}\n\`\`\``);
  const parts = [text!.trim(), items.join("\n"), ...examples].filter((part) => part !== "");
  return parts.join("\n\n").replaceAll(/\{@link ([\w.]+)\}/g, (_, name: string) => link(name));
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").trim();
}

function tagItem(tag: string): string {
  const [, kind = "", rest = ""] = /^@(\w+)\s*(.*)$/.exec(tag) ?? [];
  switch (kind) {
    case "param": {
      const [, name = "", says = ""] = /^([\w.]+)\s*(?:-\s*)?(.*)$/.exec(rest) ?? [];
      return `- \`${name}\`: ${says}`;
    }
    case "throws":
      return `- Throws ${rest}`;
    case "returns":
      return `- Returns ${rest}`;
    case "generated":
      return `- Made ${rest.replace(/^from (\w+) (.*)$/, "from the $1 `$2`")}`;
    default:
      return `- ${kind}: ${rest}`;
  }
}
