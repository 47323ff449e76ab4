type Page<Name extends string, One> = Readonly<Record<Name, One[]>> & { readonly next_cursor: string | null }

/** All pages of a list, one after the other. */
export async function listAll<Name extends string, One>(
  readPage: (query: { cursor?: string }) => Promise<Page<Name, One>>,
  name: Name,
): Promise<One[]> {
  const all: One[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await readPage(cursor === undefined ? {} : { cursor })
    all.push(...page[name])
    cursor = page.next_cursor
  }
  return all
}
