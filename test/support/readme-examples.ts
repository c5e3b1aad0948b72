/** An example of a README: code, and what it prints. */
export interface ReadmeExample {
  readonly code: string;
  readonly prints: string;
}

/** Blocks of TypeScript that are followed by the word "prints" and a block of text. */
export function readmeExamples(text: string): readonly ReadmeExample[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```\n\nprints\n\n```text\n([\s\S]*?)^```$/gm)].map(
    ([, code, prints]) => ({
      code: code!,
      prints: prints!,
    }),
  );
}
