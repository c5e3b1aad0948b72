import { BlockList, isIP } from "node:net";
import { P8eError } from "@p8e/core";

/** To which addresses a store connects when a registered URL leads there. */
export interface PeerAddressSettings {
  /** Networks as `ADDRESS/BITS`, or addresses; undefined: every one but this machine's own, unless `loopback`. */
  readonly allowed: readonly string[] | undefined;
  /** Whether this machine's own addresses are connected to when no networks are named. */
  readonly loopback: boolean;
}

/**
 * Where nobody has a store, and what answers there gives away secrets of the machine or reaches others than one: link-local
 * addresses, among them the clouds' metadata services, those of their services that lie elsewhere, this-network, multicast.
 * RFC 3927, RFC 4291; 64:ff9b::/96 and 2002::/16 wrap addresses of IPv4 (RFC 6052, RFC 3056).
 */
const never: readonly string[] = [
  ...["169.254.0.0/16", "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4"],
  ...["fe80::/10", "ff00::/8", "::/128", "64:ff9b::a9fe:0/112", "2002:a9fe::/32"],
  ...["100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"],
];
const ownMachine: readonly string[] = ["127.0.0.0/8", "::1", "64:ff9b::7f00:0/104", "2002:7f00::/24"];

/**
 * Why an address is not connected to; undefined when it is.
 * @throws `configuration.invalid` for a network that is none
 */
export function peerAddressRule({ allowed, loopback }: PeerAddressSettings): (address: string) => string | undefined {
  const [refused, own] = [blockList(never), blockList(ownMachine)];
  const named = allowed === undefined ? undefined : blockList(allowed);
  return (address) => {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (isIP(address) === 0 || refused.check(address, family)) return `no store connects to the address ${address}`;
    if (named !== undefined) {
      if (named.check(address, family)) return undefined;
      return `P8E_STORE_PEER_ADDRESSES does not have the address ${address}`;
    }
    if (loopback || !own.check(address, family)) return undefined;
    return `${address} is this machine itself, and only a store that listens there alone connects to it; P8E_STORE_PEER_ADDRESSES can allow it`;
  };
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const [address = "", bits] = text.split("/", 2);
    const kind = isIP(address);
    const [family, bitsMax] = kind === 6 ? (["ipv6", 128] as const) : (["ipv4", 32] as const);
    const prefix = bits === undefined ? bitsMax : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (kind === 0 || !(prefix <= bitsMax)) {
      throw new P8eError("configuration.invalid", `${text} is no network of IP addresses`, {
        facts: { network: text },
      });
    }
    list.addSubnet(address, prefix, family);
  }
  return list;
}
