import type { AnyNode, Expression, Function as FunctionNode, Program } from "acorn";

/** What declares a name: a variable, function, class or parameter. */
export interface Binding {
  /** The one value that it ever has, where its source is that plain, and the scope that this is read in. */
  value?: { readonly node: AnyNode; readonly scope: Scope };
  /** How often it is given a value. */
  writes: number;
}

/** A stretch of a module in which names are declared. */
export class Scope {
  readonly parent: Scope | undefined;
  /** Whether `var` ends here: a function, a static block, the module. */
  readonly ofFunction: boolean;
  readonly #names = new Map<string, Binding>();

  constructor(parent: Scope | undefined, ofFunction: boolean) {
    this.parent = parent;
    this.ofFunction = ofFunction;
  }

  declare(name: string): Binding {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const binding = { writes: 0 };
    this.#names.set(name, binding);
    return binding;
  }

  find(name: string): Binding | undefined {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      const found = scope.#names.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  get forVar(): Scope {
    let scope: Scope = this;
    while (!scope.ofFunction && scope.parent !== undefined) scope = scope.parent;
    return scope;
  }
}

/** The parts of a node that are nodes, in the order of their fields. */
export function partsOf(node: AnyNode): readonly AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}

/** Whether it is a function of any form. */
export function isFunction(node: AnyNode): node is AnyNode & FunctionNode {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** The scopes of a module by the nodes that open them, every name declared, and every writing counted. */
export function scopesOf(program: Program): ReadonlyMap<AnyNode, Scope> {
  const scopes = new Map<AnyNode, Scope>();
  // Names are found when all are declared: a function may write a variable that stands below it.
  const writes: (() => void)[] = [];
  const write = (target: AnyNode, scope: Scope, value?: Expression | null) => {
    for (const name of namesIn(target)) {
      writes.push(() => {
        const binding = scope.find(name);
        if (binding === undefined) return;
        binding.writes += 1;
        if (value && target.type === "Identifier") binding.value = { node: value, scope };
      });
    }
  };
  const declare = (target: AnyNode, scope: Scope) => {
    for (const name of namesIn(target)) scope.declare(name);
  };
  const open = (node: AnyNode, parent: Scope | undefined, ofFunction: boolean): Scope => {
    const scope = new Scope(parent, ofFunction);
    scopes.set(node, scope);
    return scope;
  };

  function walk(node: AnyNode, outer: Scope): void {
    let scope = outer;
    if (isFunction(node)) {
      if (node.type === "FunctionDeclaration" && node.id) {
        const binding = outer.declare(node.id.name);
        binding.writes += 1;
        binding.value = { node, scope: outer };
      }
      scope = open(node, outer, true);
      if (node.type === "FunctionExpression" && node.id) scope.declare(node.id.name).writes += 1;
      if (node.type !== "ArrowFunctionExpression") scope.declare("arguments").writes += 1;
      for (const param of node.params) {
        declare(param, scope);
        write(param, scope);
      }
    }
    switch (node.type) {
      case "ClassDeclaration":
      case "ClassExpression":
        if (node.type === "ClassDeclaration" && node.id) outer.declare(node.id.name).writes += 1;
        scope = open(node, outer, false);
        if (node.id) scope.declare(node.id.name).writes += 1;
        break;
      case "BlockStatement":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "SwitchStatement":
        scope = open(node, outer, false);
        if (node.type === "ForInStatement" || node.type === "ForOfStatement") {
          const { left } = node;
          for (const one of left.type === "VariableDeclaration" ? left.declarations.map(({ id }) => id) : [left])
            write(one, scope);
        }
        break;
      case "StaticBlock":
        scope = open(node, outer, true);
        break;
      case "CatchClause":
        scope = open(node, outer, false);
        if (node.param) {
          declare(node.param, scope);
          write(node.param, scope);
        }
        break;
      case "VariableDeclaration": {
        const home = node.kind === "var" ? outer.forVar : outer;
        for (const { id, init } of node.declarations) {
          declare(id, home);
          if (init) write(id, outer, init);
        }
        break;
      }
      case "AssignmentExpression":
        write(node.left, outer);
        break;
      case "UpdateExpression":
        write(node.argument, outer);
        break;
      case "ImportSpecifier":
      case "ImportDefaultSpecifier":
      case "ImportNamespaceSpecifier":
        outer.declare(node.local.name).writes += 1;
        break;
    }
    for (const part of partsOf(node)) walk(part, scope);
  }

  const top = open(program, undefined, true);
  for (const statement of program.body) walk(statement, top);
  for (const each of writes) each();
  return scopes;
}

/** The variables that a pattern writes. */
export function namesIn(target: AnyNode): readonly string[] {
  switch (target.type) {
    case "Identifier":
      return [target.name];
    case "ObjectPattern":
      return target.properties.flatMap((each) => namesIn(each.type === "Property" ? each.value : each.argument));
    case "ArrayPattern":
      return target.elements.flatMap((each) => (each === null ? [] : namesIn(each)));
    case "AssignmentPattern":
      return namesIn(target.left);
    case "RestElement":
      return namesIn(target.argument);
    default:
      return [];
  }
}
