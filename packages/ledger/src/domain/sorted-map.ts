/**
 * A persistent map ordered by key: writing returns a new map and leaves the old one as it was, sharing all it can.
 *
 * The ledger's state is made of these, so that a branch for a transaction costs nothing, a refused transaction leaves
 * nothing, and past heights stay readable. It is a weight-balanced tree (Adams; parameters 3 and 2 by Hirai and
 * Yamamoto), because sizes in the nodes also give paging by offset. Keys compare as JavaScript strings, which for the
 * hexadecimal and ASCII keys used here is the order of their bytes.
 */
interface Node<V> {
  readonly key: string;
  readonly value: V;
  readonly size: number;
  readonly left: Node<V> | undefined;
  readonly right: Node<V> | undefined;
}

const DELTA = 3;
const GAMMA = 2;

/** A map in key order that is never changed in place: `set` and `delete` give another one, which shares what is equal. */
export class SortedMap<V> {
  static readonly #empty = new SortedMap<never>(undefined);
  readonly #root: Node<V> | undefined;

  private constructor(root: Node<V> | undefined) {
    this.#root = root;
  }

  static empty<V>(): SortedMap<V> {
    return SortedMap.#empty as SortedMap<V>;
  }

  /** From entries in ascending key order, in linear time. */
  static fromSorted<V>(entries: readonly (readonly [string, V])[]): SortedMap<V> {
    return new SortedMap(buildBalanced(entries, 0, entries.length));
  }

  get size(): number {
    return sizeOf(this.#root);
  }

  get(key: string): V | undefined {
    let node = this.#root;
    while (node !== undefined) {
      if (key === node.key) return node.value;
      node = key < node.key ? node.left : node.right;
    }
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, value: V): SortedMap<V> {
    return new SortedMap(insert(this.#root, key, value));
  }

  delete(key: string): SortedMap<V> {
    return this.has(key) ? new SortedMap(remove(this.#root, key)) : this;
  }

  /** All entries, or those whose key starts with `prefix`, in key order (or its reverse). */
  *entries(prefix = "", reverse = false): IterableIterator<readonly [string, V]> {
    const count = this.count(prefix);
    const first = this.rank(prefix);
    for (let index = 0; index < count; index++) {
      // One descent per entry keeps the iterator free of a stack that an early return would have to unwind.
      const node = nth(this.#root, first + (reverse ? count - 1 - index : index));
      if (node === undefined) return;
      yield [node.key, node.value];
    }
  }

  /** How many keys are smaller than `key`. */
  rank(key: string): number {
    let node = this.#root;
    let rank = 0;
    while (node !== undefined) {
      if (node.key < key) {
        rank += sizeOf(node.left) + 1;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return rank;
  }

  /** How many keys start with `prefix`. */
  count(prefix = ""): number {
    return prefix === "" ? this.size : this.rank(`${prefix}\uffff`) - this.rank(prefix);
  }

  /** The entry with `index` smaller keys. */
  at(index: number): readonly [string, V] | undefined {
    const node = nth(this.#root, index);
    return node === undefined ? undefined : [node.key, node.value];
  }
}

function sizeOf(node: Node<unknown> | undefined): number {
  return node === undefined ? 0 : node.size;
}

function join<V>(key: string, value: V, left: Node<V> | undefined, right: Node<V> | undefined): Node<V> {
  return { key, value, size: sizeOf(left) + sizeOf(right) + 1, left, right };
}

function nth<V>(root: Node<V> | undefined, index: number): Node<V> | undefined {
  let node = root;
  let wanted = index;
  while (node !== undefined) {
    const before = sizeOf(node.left);
    if (wanted === before) return node;
    if (wanted < before) node = node.left;
    else {
      wanted -= before + 1;
      node = node.right;
    }
  }
  return undefined;
}

function insert<V>(node: Node<V> | undefined, key: string, value: V): Node<V> {
  if (node === undefined) return join(key, value, undefined, undefined);
  if (key === node.key) return join(key, value, node.left, node.right);
  if (key < node.key) return balance(node.key, node.value, insert(node.left, key, value), node.right);
  return balance(node.key, node.value, node.left, insert(node.right, key, value));
}

function remove<V>(node: Node<V> | undefined, key: string): Node<V> | undefined {
  if (node === undefined) return undefined;
  if (key < node.key) return balance(node.key, node.value, remove(node.left, key), node.right);
  if (key > node.key) return balance(node.key, node.value, node.left, remove(node.right, key));
  if (node.left === undefined) return node.right;
  if (node.right === undefined) return node.left;
  let successor = node.right;
  while (successor.left !== undefined) successor = successor.left;
  return balance(successor.key, successor.value, node.left, remove(node.right, successor.key));
}

function balance<V>(key: string, value: V, left: Node<V> | undefined, right: Node<V> | undefined): Node<V> {
  const leftWeight = sizeOf(left) + 1;
  const rightWeight = sizeOf(right) + 1;
  if (right !== undefined && rightWeight > DELTA * leftWeight) {
    const single = sizeOf(right.left) + 1 < GAMMA * (sizeOf(right.right) + 1);
    if (single || right.left === undefined) {
      return join(right.key, right.value, join(key, value, left, right.left), right.right);
    }
    const middle = right.left;
    return join(
      middle.key,
      middle.value,
      join(key, value, left, middle.left),
      join(right.key, right.value, middle.right, right.right),
    );
  }
  if (left !== undefined && leftWeight > DELTA * rightWeight) {
    const single = sizeOf(left.right) + 1 < GAMMA * (sizeOf(left.left) + 1);
    if (single || left.right === undefined) {
      return join(left.key, left.value, left.left, join(key, value, left.right, right));
    }
    const middle = left.right;
    return join(
      middle.key,
      middle.value,
      join(left.key, left.value, left.left, middle.left),
      join(key, value, middle.right, right),
    );
  }
  return join(key, value, left, right);
}

function buildBalanced<V>(entries: readonly (readonly [string, V])[], from: number, to: number): Node<V> | undefined {
  if (from >= to) return undefined;
  const middle = (from + to) >>> 1;
  const [key, value] = entries[middle]!;
  return join(key, value, buildBalanced(entries, from, middle), buildBalanced(entries, middle + 1, to));
}
