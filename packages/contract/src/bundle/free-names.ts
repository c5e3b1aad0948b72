import type { AnyNode, Program } from "acorn";
import { sandboxNames } from "../domain/sandbox-names.ts";
import { type Binding, isFunction, namesIn, partsOf, type Scope, scopesOf } from "./scopes.ts";

/** A use of a name that a module does not declare and the sandbox does not have. */
export interface FreeName {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  /** From 0, in UTF-16 units. */
  readonly column: number;
}

/** A value that an expression is certain to have in the sandbox. */
interface Known {
  readonly value: string | number | boolean | null | undefined;
  /** Set where it is only certain whether a condition holds: `value` says so, and is not the value. */
  readonly isTruthOnly?: true;
}

/**
 * Where a module can come to use a name that is neither its own nor the sandbox's. In the sandbox `typeof` of such a name
 * is "undefined"; what is behind a condition that this decides is not run there, and is left out. So is a function
 * that nothing else names.
 *
 * Names that are put together while it runs, as in `globalThis[name]`, are not seen.
 */
export function freeNames(program: Program): readonly FreeName[] {
  const scopes = scopesOf(program);
  const found: FreeName[] = [];
  const known = new Map<AnyNode, Known | undefined>();
  // Functions wait until something that runs names them.
  const seen = new Set<AnyNode>();
  const waiting: { readonly node: AnyNode; readonly scope: Scope }[] = [];

  const isLacking = (name: string, scope: Scope): boolean => scope.find(name) === undefined && !sandboxNames.has(name);

  function evaluate(node: AnyNode, scope: Scope): Known | undefined {
    if (known.has(node)) return known.get(node);
    // What leads back to itself is not known.
    known.set(node, undefined);
    const result = evaluated(node, scope);
    known.set(node, result);
    return result;
  }

  function exactly(node: AnyNode, scope: Scope): Known | undefined {
    const result = evaluate(node, scope);
    return result?.isTruthOnly ? undefined : result;
  }

  function evaluated(node: AnyNode, scope: Scope): Known | undefined {
    switch (node.type) {
      case "Literal":
        if (node.regex !== undefined || node.bigint !== undefined) return undefined;
        return { value: node.value as Known["value"] };
      case "Identifier": {
        const binding = scope.find(node.name);
        if (binding === undefined) return node.name === "undefined" ? { value: undefined } : undefined;
        const only = onlyValue(binding);
        return only === undefined || isFunction(only.node) ? undefined : evaluate(only.node, only.scope);
      }
      case "UnaryExpression": {
        const { argument, operator } = node;
        if (operator === "void") return { value: undefined };
        if (operator === "typeof" && argument.type === "Identifier" && isLacking(argument.name, scope)) {
          return { value: "undefined" };
        }
        if (operator === "!") {
          const inner = evaluate(argument, scope);
          return inner && { value: !inner.value };
        }
        const inner = operator === "typeof" ? exactly(argument, scope) : undefined;
        return inner && { value: typeof inner.value };
      }
      case "LogicalExpression": {
        const { operator } = node;
        const left = operator === "??" ? exactly(node.left, scope) : evaluate(node.left, scope);
        if (left !== undefined) return decides(operator, left) ? left : evaluate(node.right, scope);
        // Whatever the left side is, the whole cannot hold, or must.
        const right = operator === "??" ? undefined : evaluate(node.right, scope);
        if (right === undefined || !decides(operator, right)) return undefined;
        return { value: Boolean(right.value), isTruthOnly: true };
      }
      case "ConditionalExpression": {
        const test = evaluate(node.test, scope);
        if (test !== undefined) return evaluate(test.value ? node.consequent : node.alternate, scope);
        const consequent = evaluate(node.consequent, scope);
        const alternate = consequent && evaluate(node.alternate, scope);
        if (!consequent || !alternate || Boolean(consequent.value) !== Boolean(alternate.value)) return undefined;
        return { value: Boolean(consequent.value), isTruthOnly: true };
      }
      case "SequenceExpression":
        return evaluate(node.expressions.at(-1)!, scope);
      case "ParenthesizedExpression":
      case "ChainExpression":
        return evaluate(node.expression, scope);
      case "BinaryExpression": {
        const left = exactly(node.left, scope);
        const right = left && exactly(node.right, scope);
        return left && right && compared(node.operator, left.value, right.value);
      }
      case "MemberExpression": {
        const { object, property, computed } = node;
        const inner = exactly(object, scope);
        // By a chain's ?. it is undefined; else this throws.
        if (inner !== undefined)
          return inner.value === undefined || inner.value === null ? { value: undefined } : undefined;
        if (object.type !== "Identifier" || object.name !== "globalThis" || scope.find("globalThis")) return undefined;
        if (computed || property.type !== "Identifier" || property.name in Object.prototype) return undefined;
        return sandboxNames.has(property.name) ? undefined : { value: undefined };
      }
      case "CallExpression": {
        const { callee } = node;
        const binding = callee.type === "Identifier" ? scope.find(callee.name) : undefined;
        const only = binding && onlyValue(binding);
        if (only === undefined || !isFunction(only.node) || only.node.async || only.node.generator) return undefined;
        const { body } = only.node;
        const inside = scopes.get(only.node)!;
        if (body.type !== "BlockStatement") return evaluate(body, inside);
        const [first] = body.body;
        if (first?.type !== "ReturnStatement" || !first.argument) return undefined;
        return evaluate(first.argument, scopes.get(body)!);
      }
      default:
        return undefined;
    }
  }

  function later(node: AnyNode, scope: Scope): void {
    if (seen.has(node)) return;
    seen.add(node);
    waiting.push({ node, scope });
  }

  function use(name: string, node: AnyNode, scope: Scope): void {
    const binding = scope.find(name);
    if (binding === undefined) {
      if (sandboxNames.has(name)) return;
      const { line, column } = node.loc!.start;
      found.push({ name, line, column });
      return;
    }
    const only = onlyValue(binding);
    if (only !== undefined && isFunction(only.node)) later(only.node, only.scope);
  }

  /** Whether what follows it in its list is not reached. */
  function ends(node: AnyNode, scope: Scope): boolean {
    switch (node.type) {
      case "ReturnStatement":
      case "ThrowStatement":
      case "BreakStatement":
      case "ContinueStatement":
        return true;
      case "BlockStatement":
        return node.body.some((each) => ends(each, scopes.get(node)!));
      case "IfStatement": {
        const test = evaluate(node.test, scope);
        const consequent = ends(node.consequent, scope);
        const alternate = node.alternate ? ends(node.alternate, scope) : false;
        if (test === undefined) return consequent && alternate;
        return test.value ? consequent : alternate;
      }
      default:
        return false;
    }
  }

  function visitList(list: readonly AnyNode[], scope: Scope): boolean {
    for (const each of list) {
      visit(each, scope);
      if (ends(each, scope)) return true;
    }
    return false;
  }

  function visitBranches(
    node: AnyNode & { test: AnyNode; consequent: AnyNode; alternate?: AnyNode | null },
    scope: Scope,
  ) {
    visit(node.test, scope);
    const test = evaluate(node.test, scope);
    if (test === undefined || test.value) visit(node.consequent, scope);
    if (node.alternate && !test?.value) visit(node.alternate, scope);
  }

  function visit(node: AnyNode, outer: Scope): void {
    const scope = scopes.get(node) ?? outer;
    switch (node.type) {
      case "Identifier":
        use(node.name, node, scope);
        return;
      case "UnaryExpression":
        if (node.operator !== "typeof" || node.argument.type !== "Identifier") visit(node.argument, scope);
        else if (!isLacking(node.argument.name, scope)) visit(node.argument, scope);
        return;
      case "FunctionDeclaration":
        if (!node.id || !isOnly(node.id.name, node, outer)) later(node, outer);
        return;
      case "VariableDeclarator":
        if (node.id.type !== "Identifier") visit(node.id, scope);
        else if (node.init && isFunction(node.init) && isOnly(node.id.name, node.init, scope)) return;
        if (node.init) visit(node.init, scope);
        return;
      case "MemberExpression":
        visit(node.object, scope);
        if (node.computed) visit(node.property, scope);
        return;
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        if (node.computed) visit(node.key, scope);
        if (node.value) visit(node.value, scope);
        return;
      case "LabeledStatement":
        visit(node.body, scope);
        return;
      case "BreakStatement":
      case "ContinueStatement":
      case "MetaProperty":
      case "ImportDeclaration":
      case "ExportAllDeclaration":
        return;
      case "ExportNamedDeclaration":
        for (const part of partsOf(node)) visit(part, scope);
        if (node.declaration) for (const name of declaredBy(node.declaration)) use(name, node, scope);
        return;
      case "ExportSpecifier":
        visit(node.local, scope);
        return;
      case "IfStatement":
      case "ConditionalExpression":
        visitBranches(node, scope);
        return;
      case "LogicalExpression": {
        visit(node.left, scope);
        const left = node.operator === "??" ? exactly(node.left, scope) : evaluate(node.left, scope);
        if (left === undefined || !decides(node.operator, left)) visit(node.right, scope);
        return;
      }
      case "WhileStatement":
      case "ForStatement": {
        if (node.type === "ForStatement" && node.init) visit(node.init, scope);
        if (node.test) {
          visit(node.test, scope);
          const test = evaluate(node.test, scope);
          if (test !== undefined && !test.value) return;
        }
        visit(node.body, scope);
        if (node.type === "ForStatement" && node.update) visit(node.update, scope);
        return;
      }
      case "Program":
      case "BlockStatement":
      case "StaticBlock":
        visitList(node.body, scope);
        return;
      case "SwitchStatement": {
        visit(node.discriminant, outer);
        const value = exactly(node.discriminant, outer);
        const tests = node.cases.map((each) => (each.test ? exactly(each.test, scope) : undefined));
        const isPlain =
          value !== undefined && node.cases.every((each, index) => !each.test || tests[index] !== undefined);
        const matching = isPlain ? tests.findIndex((test) => test !== undefined && test.value === value.value) : 0;
        const from = matching < 0 ? node.cases.findIndex((each) => !each.test) : matching;
        if (from < 0) return;
        for (const each of node.cases.slice(from)) {
          if (each.test) visit(each.test, scope);
          if (visitList(each.consequent, scope) && isPlain) return;
        }
        return;
      }
      default:
        for (const part of partsOf(node)) visit(part, scope);
    }
  }

  function isOnly(name: string, value: AnyNode, scope: Scope): boolean {
    const binding = scope.find(name);
    return binding !== undefined && onlyValue(binding)?.node === value;
  }

  visit(program, scopes.get(program)!);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inside = scopes.get(next.node)!;
    for (const part of partsOf(next.node)) visit(part, inside);
  }
  return found;
}

function declaredBy(declaration: AnyNode): readonly string[] {
  if (declaration.type === "VariableDeclaration") return declaration.declarations.flatMap(({ id }) => namesIn(id));
  return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id.name] : [];
}

function onlyValue({ value, writes }: Binding): Binding["value"] {
  return writes === 1 ? value : undefined;
}

/** Whether the left side of a logical operator is its result. */
function decides(operator: "&&" | "||" | "??", { value }: Known): boolean {
  if (operator === "??") return value !== undefined && value !== null;
  return operator === "&&" ? !value : Boolean(value);
}

function compared(operator: string, left: Known["value"], right: Known["value"]): Known | undefined {
  switch (operator) {
    case "===":
      return { value: left === right };
    case "!==":
      return { value: left !== right };
    case "==":
    case "!=": {
      const isLeftNothing = left === undefined || left === null;
      const isRightNothing = right === undefined || right === null;
      if (!isLeftNothing && !isRightNothing && typeof left !== typeof right) return undefined;
      const isSame = isLeftNothing || isRightNothing ? isLeftNothing && isRightNothing : left === right;
      return { value: isSame === (operator === "==") };
    }
  }
  if (typeof left !== "string" || typeof right !== "string") return undefined;
  switch (operator) {
    // A compiler that shortens writes `typeof x < "u"`.
    case "<":
      return { value: left < right };
    case ">":
      return { value: left > right };
    case "<=":
      return { value: left <= right };
    case ">=":
      return { value: left >= right };
    default:
      return undefined;
  }
}
