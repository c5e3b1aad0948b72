/** A declaration as the compiler writes it, with its comment apart. */
export interface Declaration {
  /** Without `export` and `declare`; a function's further signatures follow on their own lines. */
  readonly text: string;
  /** The text of the comment above it, without its stars; absent where there is none. */
  readonly comment: string | undefined;
}

/** What a file exports of another file or package. */
export interface PassedOn {
  /** The name it has here, and the one it has there; `*` for everything. */
  readonly name: string;
  readonly source: string;
  /** As it is written: a file by `./` or `../`, or a package. */
  readonly from: string;
}

/** What a file of declarations exports. */
export interface DeclarationFile {
  readonly declared: ReadonlyMap<string, Declaration>;
  readonly passedOn: readonly PassedOn[];
}

const DECLARED = /^export (?:declare )?(?:abstract )?(?:class|const|function|interface|type|enum) (\w+)/;
const PASSED_ON = /^export (?:type )?(?:\{([^}]*)\}|\*(?: as (\w+))?) from "(.+)";$/;

/**
 * Reads what the compiler writes for `declaration`. It is no parser for what people write: of statements it knows what
 * ends them, and of texts that templates hold texts.
 */
export function declarationFile(text: string): DeclarationFile {
  const declared = new Map<string, Declaration>();
  const passedOn: PassedOn[] = [];
  let comment: string | undefined;
  for (const statement of statementsOf(text)) {
    if (statement.startsWith("/**")) {
      comment = withoutStars(statement);
      continue;
    }
    const name =
      DECLARED.exec(statement)?.[1] ?? (statement.startsWith("declare const _default:") ? "default" : undefined);
    if (name !== undefined) {
      const before = declared.get(name);
      const shown = shownText(statement);
      declared.set(
        name,
        before === undefined ? { text: shown, comment } : { ...before, text: `${before.text}\n${shown}` },
      );
    }
    const [, list, namespace, from] = PASSED_ON.exec(statement) ?? [];
    if (from !== undefined) {
      if (list === undefined) passedOn.push({ name: namespace ?? "*", source: "*", from });
      for (const part of (list ?? "").split(",")) {
        const [source = "", as = source] = part
          .trim()
          .replace(/^type /, "")
          .split(" as ");
        if (source !== "") passedOn.push({ name: as, source, from });
      }
    }
    comment = undefined;
  }
  return { declared, passedOn };
}

/** A comment, a text, a bracket, or the end of a statement. */
const TOKEN = /\/\*[\s\S]*?\*\/|\/\/.*|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|[{}()[\];]/g;
const ENDS_WITH_BRACE = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|enum)\b/;

/** Comments of documentation that stand between statements, and statements, each whole, in their order. */
function statementsOf(text: string): string[] {
  const statements: string[] = [];
  let [start, depth] = [0, 0];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const end = index + token.length;
    if (token.startsWith("/")) {
      if (text.slice(start, index).trim() !== "") continue;
      if (token.startsWith("/**")) statements.push(token);
      start = end;
      continue;
    }
    if ("{([".includes(token)) depth += 1;
    if ("})]".includes(token)) depth -= 1;
    const statement = text.slice(start, end).trim();
    if (depth > 0 || !(token === ";" || (token === "}" && ENDS_WITH_BRACE.test(statement)))) continue;
    statements.push(statement);
    start = end;
  }
  return statements;
}

function withoutStars(comment: string): string {
  return comment
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
}

/** What a reader can use: nothing private, and indented by two spaces. */
function shownText(statement: string): string {
  return statement
    .replace(/^(?:export )?(?:declare )?/, "")
    .replaceAll(/^ +\/\*\*\n(?: +\*\n)?(?: +\* @generated .*\n)+ +\*\/\n/gm, "")
    .replaceAll(/\bimport\("[^"]+"\)\./g, "")
    .split("\n")
    .filter((line) => !/^\s+(?:#private;|private )/.test(line))
    .map((line) => line.replace(/^(?: {4})+/, (indent) => " ".repeat(indent.length / 2)).trimEnd())
    .map((line, index) => (index > 0 && /^ ?[^\s})\]]/.test(line) ? `  ${line.trim()}` : line))
    .join("\n");
}
