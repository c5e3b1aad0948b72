import { P8eError } from "@p8e/core";
import { BUNDLE_BYTES_MAX, CONTRACT_ABI } from "./abi.ts";

/** The first line of every bundle. */
export interface BundleHeader {
  readonly abi: number;
  readonly className: string;
}

const HEADER = /^\/\/ p8e-contract abi=([1-9][0-9]{0,8}) class=([A-Za-z0-9_.]{1,1000})$/;
const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04];
const HEADER_LENGTH_MAX = 1100;

/** The first line of a bundle for this ABI, line feed and all. `className` is not checked: contracts are. */
export function bundleHeaderLine(className: string): string {
  return `// p8e-contract abi=${CONTRACT_ABI} class=${className}\n`;
}

/**
 * Reads the first line of a bundle, and checks what can be seen without running it: size, and that it is text.
 *
 * @throws P8eError `session.not_supported` for a JVM archive, `contract.invalid` for anything else that is no bundle
 */
export function parseBundleHeader(bundle: Uint8Array): BundleHeader {
  if (ZIP_MAGIC.every((byte, index) => bundle[index] === byte)) {
    throw new P8eError("session.not_supported", "this contract's code is a JVM archive, which is not run here", {
      hint: "A contract of a JVM party can be inspected and rejected, not executed.",
    });
  }
  if (bundle.length > BUNDLE_BYTES_MAX) {
    throw new P8eError("contract.invalid", "the bundle is too large", {
      facts: { sizeBytes: bundle.length, sizeBytesMax: BUNDLE_BYTES_MAX },
    });
  }
  requireText(bundle);
  const first = bundle.subarray(0, HEADER_LENGTH_MAX);
  const end = first.indexOf(0x0a);
  const header = HEADER.exec(new TextDecoder().decode(first.subarray(0, Math.max(end, 0))));
  if (header === null) throw new P8eError("contract.invalid", "this is no contract bundle: its first line is another");
  return { abi: Number(header[1]), className: header[2]! };
}

/** UTF-8, and of control characters line feeds and tabs alone. */
function requireText(bundle: Uint8Array): void {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bundle);
  } catch (cause) {
    throw new P8eError("contract.invalid", "a bundle is UTF-8 text, and this is not", { cause });
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that no bundle has
  const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/.exec(text);
  if (control === null) return;
  const code = control[0].charCodeAt(0).toString(16).padStart(4, "0");
  throw new P8eError("contract.invalid", "a bundle has line feeds and tabs, and no other control characters", {
    facts: { character: `U+${code}`, line: text.slice(0, control.index).split("\n").length },
    hint: "In the source, write the character as an escape.",
  });
}

/**
 * Whether a bundle is for this version of the ABI, or for one of those from `oldest` on.
 *
 * @throws P8eError `session.not_supported` with what to do
 */
export function requireAbi({ abi }: BundleHeader, oldest: number = CONTRACT_ABI): void {
  if (abi >= oldest && abi <= CONTRACT_ABI) return;
  throw new P8eError("session.not_supported", `this bundle needs version ${abi} of the contract ABI`, {
    facts: { abi, supported: CONTRACT_ABI },
    hint:
      abi < CONTRACT_ABI
        ? "Its interpreter is gone: build the contract again with this p8e and publish it."
        : "Use a newer p8e.",
  });
}
