import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { it } from "node:test";
import { walkTwoOrganisations } from "./support/two-organisations.ts";

const addresses = { ledger: "10.77.0.10", lender: "10.77.0.11", bank: "10.77.0.12" } as const;
type Machine = keyof typeof addresses;
const machines = Object.keys(addresses) as Machine[];

/** What each machine may listen on beside its own loopback: the table of the page. */
const open: Readonly<Record<Machine, readonly string[]>> = {
  ledger: ["10.77.0.10:9090"],
  lender: ["10.77.0.11:8080"],
  bank: ["10.77.0.12:8080"],
};

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}

/** Three network namespaces on a switch in a fourth, which nothing else is connected to. */
class Machines implements Disposable {
  readonly #prefix = `p8e-${process.pid}-`;

  constructor() {
    const hub = this.name("switch");
    ip("netns", "add", hub);
    ip("-n", hub, "link", "add", "br0", "type", "bridge");
    ip("-n", hub, "link", "set", "br0", "up");
    for (const machine of machines) {
      const name = this.name(machine);
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
      ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", machine, "netns", hub);
      ip("-n", hub, "link", "set", machine, "master", "br0", "up");
      ip("-n", name, "address", "add", `${addresses[machine]}/24`, "dev", "eth0");
      ip("-n", name, "link", "set", "eth0", "up");
    }
  }

  name(machine: string): string {
    return `${this.#prefix}${machine}`;
  }

  /** Addresses that programs of a machine listen on and that other machines could reach. */
  listening(machine: Machine): readonly string[] {
    const { stdout } = spawnSync(
      "ip",
      ["netns", "exec", this.name(machine), "cat", "/proc/net/tcp", "/proc/net/tcp6"],
      {
        encoding: "utf8",
      },
    );
    return stdout
      .split("\n")
      .map((line) => /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:0000 0A /.exec(line))
      .filter((match) => match !== null)
      .map(([, address, port]) => `${shown(address!)}:${Number.parseInt(port!, 16)}`)
      .filter((place) => !place.startsWith("127."))
      .sort();
  }

  [Symbol.dispose](): void {
    for (const machine of [...machines, "switch"]) spawnSync("ip", ["netns", "del", this.name(machine)]);
  }
}

/** An IPv4 address as /proc writes it: its bytes as one number of this machine's order. */
function shown(hex: string): string {
  if (hex.length !== 8) return /^0{24}0{0,1}1000000$/.test(hex) ? "127.v6" : hex;
  return hex
    .match(/../g)!
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join(".");
}

/** Namespaces need Linux, its `ip`, and the right to make them. */
function why(): string | false {
  try {
    ip("netns", "add", `p8e-${process.pid}-probe`);
    ip("netns", "del", `p8e-${process.pid}-probe`);
    return false;
  } catch (error) {
    return `no network namespaces here: ${(error as Error).message.slice(0, 200)}`;
  }
}

const reason = why();
if (reason !== false && process.env.P8E_REQUIRE_PEERS === "1") throw new Error(reason);

it("the guide of two organisations leads where it says, each on a machine with only the ports that the page names", {
  timeout: 600_000,
  skip: reason,
}, async () => {
  using network = new Machines();
  const walking = machines.map(
    (machine) =>
      [
        machine,
        { before: ["ip", "netns", "exec", network.name(machine)], text: (commands: string) => commands },
      ] as const,
  );
  await walkTwoOrganisations(new Map(walking), () => {
    for (const machine of machines) assert.deepEqual(network.listening(machine), open[machine], machine);
  });
});
