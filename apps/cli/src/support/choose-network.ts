import { relative, resolve } from "node:path";
import { type Network, networkNamed, networks, P8eError } from "@p8e/core";
import { readNetwork } from "@p8e/party/profile";

/** A network as it was named on the command line. */
export interface ChosenNetwork {
  readonly network: Network;
  /** The file of one that is not built in. */
  readonly file?: string;
}

/** A built-in network by name, or another by its file; the local one when nothing is named. @throws `configuration.invalid` */
export async function chooseNetwork(text: string | undefined): Promise<ChosenNetwork> {
  const builtIn = text === undefined ? networks.local : networkNamed(text);
  if (builtIn !== undefined) return { network: builtIn };
  if (!/[./\\]/.test(text!)) {
    throw new P8eError("configuration.invalid", `there is no network "${text!.slice(0, 40)}"`, {
      facts: { known: Object.values(networks).map((each) => each.name) },
      hint: "Another network is named by its file.",
    });
  }
  return { network: await readNetwork(resolve(text!)), file: resolve(text!) };
}

/** A file as a profile in `folder` names it. */
export function fromFolder(folder: string, file: string): string {
  const path = relative(folder, file).replaceAll("\\", "/");
  return path.startsWith("../../") ? file : path;
}
