/** A value with the label values that tell it from others of its name. */
export interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What every metric says of itself: its name, its kind, and a sentence on what it counts. */
interface Description {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
}

/**
 * Metrics in memory, written as Prometheus reads them: text format 0.0.4, as in
 * https://prometheus.io/docs/instrumenting/exposition_formats/.
 *
 * Counting is a map lookup and an addition: nothing is formatted before somebody asks.
 */
export class MetricSet {
  readonly #metrics: (Description & { readonly lines: () => Iterable<string> })[] = [];

  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const counter = new Counter(labelNames);
    this.#add({ name, kind: "counter", help }, () => counter.lines(name));
    return counter;
  }

  /** A count that is kept elsewhere, and read when somebody asks. */
  countedElsewhere(name: string, help: string, read: () => number): void {
    this.#add({ name, kind: "counter", help }, () => [`${name} ${numberText(read())}`]);
  }

  /** Read when somebody asks; what has no value just now is left out. */
  gauge(name: string, help: string, read: () => number | readonly LabelledValue[] | undefined): void {
    this.#add({ name, kind: "gauge", help }, () => {
      const found = read();
      if (found === undefined) return [];
      if (typeof found === "number") return [`${name} ${numberText(found)}`];
      return found.map(({ labels, value }) => `${name}${labelsText(labels)} ${numberText(value)}`);
    });
  }

  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    /** The names that `of` gives values to. */
    labelNames: readonly string[] = [],
  ): HistogramFamily {
    const histogram = new HistogramFamily(buckets, labelNames);
    this.#add({ name, kind: "histogram", help }, () => histogram.lines(name));
    return histogram;
  }

  /** Everything, as an answer to a scrape. */
  text(): string {
    const lines: string[] = [];
    for (const { name, kind, help, lines: samples } of this.#metrics) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...samples());
    }
    return `${lines.join("\n")}\n`;
  }

  #add(description: Description, lines: () => Iterable<string>): void {
    this.#metrics.push({ ...description, lines });
  }
}

/** A number that only grows, for each combination of its labels' values. Their number must be bounded by the caller. */
export class Counter {
  readonly #labelNames: readonly string[];
  readonly #values = new Map<string, { readonly labels: readonly string[]; value: number }>();

  constructor(labelNames: readonly string[]) {
    this.#labelNames = labelNames;
    if (labelNames.length === 0) this.#values.set("", { labels: [], value: 0 });
  }

  add(amount: number, ...labels: readonly string[]): void {
    const key = labels.length === 1 ? labels[0]! : labels.join("\n");
    const known = this.#values.get(key);
    if (known) known.value += amount;
    else this.#values.set(key, { labels, value: amount });
  }

  *lines(name: string): Generator<string, void> {
    for (const { labels, value } of this.#values.values()) {
      yield `${name}${labelsText(named(this.#labelNames, labels))} ${numberText(value)}`;
    }
  }
}

/** Durations or sizes by buckets, for each value of at most one label. */
export class HistogramFamily {
  readonly #buckets: readonly number[];
  readonly #labelNames: readonly string[];
  readonly #members = new Map<string, Histogram>();

  constructor(buckets: readonly number[], labelNames: readonly string[]) {
    this.#buckets = buckets;
    this.#labelNames = labelNames;
    if (labelNames.length === 0) this.of("");
  }

  of(label: string): Histogram {
    let member = this.#members.get(label);
    if (member === undefined) {
      member = new Histogram(this.#buckets);
      this.#members.set(label, member);
    }
    return member;
  }

  *lines(name: string): Generator<string, void> {
    for (const [label, histogram] of this.#members) {
      yield* histogram.lines(name, named(this.#labelNames, [label]));
    }
  }
}

/** How many values lay in each bucket, their sum and their number. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds the buckets' upper bounds, growing */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let index = 0;
    while (index < this.#bounds.length && value > this.#bounds[index]!) index++;
    this.#counts[index]! += 1;
    this.#sum += value;
  }

  *lines(name: string, labels: Readonly<Record<string, string>>): Generator<string, void> {
    let total = 0;
    for (const [index, count] of this.#counts.entries()) {
      total += count;
      const le = index < this.#bounds.length ? numberText(this.#bounds[index]!) : "+Inf";
      yield `${name}_bucket${labelsText({ ...labels, le })} ${numberText(total)}`;
    }
    yield `${name}_sum${labelsText(labels)} ${numberText(this.#sum)}`;
    yield `${name}_count${labelsText(labels)} ${numberText(total)}`;
  }
}

function named(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
