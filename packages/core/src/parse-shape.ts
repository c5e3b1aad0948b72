import * as valibot from "valibot";
import { utf8Decode } from "./bytes.ts";
import type { ErrorCode } from "./error-codes.ts";
import { type ErrorDetails, isP8eError, P8eError } from "./errors.ts";
import type { Facts } from "./facts.ts";
import type { Shape } from "./shape.ts";

/** What an error says of the value that was read. */
export interface ShapeContext {
  /** What it should be, for the error's sentence: "the profile", "the manifest". */
  readonly what: string;
  /** Where it was read from. */
  readonly file?: string | undefined;
  /** `input.invalid` unless given. */
  readonly code?: ErrorCode | undefined;
  readonly hint?: string | undefined;
  /**
   * The newest version that the reader knows, of an object whose field `format` holds its version: a higher one is refused
   * as newer, before anything else is looked at.
   */
  readonly newestFormat?: number | undefined;
}

/** How JSON text is bounded before it is parsed. */
export interface JsonContext extends ShapeContext {
  /** In UTF-8. */
  readonly bytesMax: number;
}

/**
 * The value, checked and typed. Errors name the field that is wrong and what it must be, never what it is: it may be a
 * secret in the wrong place.
 * @throws the code of `context`; the fact `field` is the path of the first field that is wrong
 */
export function parseShape<T>(shape: Shape<T>, value: unknown, context: ShapeContext): T {
  requireKnownFormat(value, context);
  // The first fault ends it: a list of a million faults is not made into as many objects.
  const found = valibot.safeParse(shape, value, { abortEarly: true });
  if (found.success) return found.output;
  const { field, problem } = wrongOf(found.issues[0]);
  if (field === "") throw refusal(context, `${context.what} ${problem}`, { field: context.what });
  throw refusal(context, `${field} in ${context.what} ${problem}`, { field });
}

/**
 * JSON text, or its UTF-8 bytes, checked and typed.
 * @throws as {@link parseShape}, also for text over `bytesMax` and for what is not JSON
 */
export function parseJson<T>(shape: Shape<T>, text: string | Uint8Array, context: JsonContext): T {
  const bytes = typeof text === "string" ? Buffer.byteLength(text) : text.length;
  if (bytes > context.bytesMax) {
    throw refusal(context, `${context.what} is larger than ${context.bytesMax} bytes`, { limit: context.bytesMax });
  }
  let value: unknown;
  try {
    value = JSON.parse(typeof text === "string" ? text : utf8Decode(text));
  } catch (cause) {
    // The engine's own message quotes the text.
    const problem = isP8eError(cause) ? "is not UTF-8" : "is not JSON";
    throw refusal(context, `${context.what} ${problem}`, { field: context.what });
  }
  return parseShape(shape, value, context);
}

function requireKnownFormat(value: unknown, context: ShapeContext): void {
  const { newestFormat, what } = context;
  if (newestFormat === undefined || typeof value !== "object" || value === null) return;
  const { format } = value as { format?: unknown };
  if (typeof format !== "number" || !Number.isSafeInteger(format) || format <= newestFormat) return;
  const hint = "Use the p8e that wrote it, or a newer one.";
  throw refusal({ ...context, hint }, `${what} has format ${format}, which is newer than this p8e knows`, {
    field: "format",
    format,
    newest: newestFormat,
  });
}

function refusal({ code = "input.invalid", file, hint }: ShapeContext, sentence: string, facts: Facts): P8eError {
  const details: ErrorDetails = { facts: { file, ...facts }, hint };
  return new P8eError(code, file === undefined ? sentence : `${file}: ${sentence}`, details);
}

interface Wrong {
  readonly field: string;
  readonly problem: string;
}

function wrongOf(issue: valibot.BaseIssue<unknown>): Wrong {
  const path = issue.path ?? [];
  const last = path.at(-1);
  if (issue.type === "strict_object" || issue.type === "object") {
    if (last?.type === "object" && last.origin === "key") {
      // A name that is not ours is shown only if it looks like one.
      const unknown = issue.expected === "never";
      const name = unknown ? shownName(last.key) : String(last.key);
      const field = joined([...keysOf(path.slice(0, -1)), name]);
      return { field, problem: unknown ? "is not a field it has" : "is missing" };
    }
  }
  if (last?.origin === "key")
    return { field: joined(keysOf(path.slice(0, -1))), problem: "has a name that is too long" };
  return { field: joined(keysOf(path)), problem: `must be ${issue.message}` };
}

function keysOf(path: readonly valibot.IssuePathItem[]): readonly (string | number)[] {
  return path.map(({ key, type }) => (type === "array" ? Number(key) : shownName(key)));
}

/** Keys of a map come from outside as its values do. */
function shownName(key: unknown): string {
  const name = String(key);
  return /^[A-Za-z_$][\w.$/-]{0,39}$/.test(name) ? name : "(another name)";
}

function joined(keys: readonly (string | number)[]): string {
  let text = "";
  for (const key of keys) text += typeof key === "number" ? `[${key}]` : text === "" ? key : `.${key}`;
  return text;
}
