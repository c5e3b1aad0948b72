/**
 * File systems that lie on another machine, by the number that Linux gives them (statfs(2), linux/magic.h). Their locks
 * are kept by a server that may be restarted and forget them, or not kept at all, without a word to the holder.
 */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x564c, "NCP"],
  [0x73757245, "Coda"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
]);

/**
 * The name of a network file system, by the `type` that `statfs` gives on Linux; undefined for one of this machine.
 * FUSE and 9P say nothing of where the files are, and count as local.
 */
export function networkFileSystem(type: number): string | undefined {
  return networkFileSystems.get(type >>> 0);
}
