const PAGE = 256;

/** Those of a list that are wanted, some at a time. */
export async function* pagesOf<T>(
  items: AsyncIterable<T>,
  wanted: (item: T) => boolean = () => true,
): AsyncGenerator<readonly T[], void> {
  let page: T[] = [];
  for await (const item of items) {
    if (!wanted(item)) continue;
    page.push(item);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
