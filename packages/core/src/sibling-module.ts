/**
 * The URL of a module beside another one, for threads and child processes: `name` comes without its extension, which is
 * that of the module that asks. So the same source finds its sibling as TypeScript in a clone and as JavaScript in a package.
 *
 * @param asking the `import.meta.url` of the module that asks
 * @param name a relative path without extension, such as `./worker`
 */
export function siblingModule(asking: string, name: string): URL {
  const extension = /\.[a-z]+$/.exec(new URL(asking).pathname)?.[0] ?? "";
  return new URL(name + extension, asking);
}
