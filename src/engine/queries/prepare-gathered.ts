import { deserialize } from 'node:v8'
import type { Content } from '../../domain/content.ts'
import { preparePackage } from '../../proof/package/build-package.ts'
import type { PreparedPackage } from '../../proof/package/seal.ts'
import type { GatheredParts } from './gather-package-parts.ts'

/** Puts an audit package together, all but its seal. Runs in a worker. */
export function prepareGathered(
  { events, contents, statements, ...rest }: GatheredParts,
  keyId: string,
): PreparedPackage {
  const all = decodeAll<Content>(contents)
  const parts = {
    ...rest,
    events: decodeAll<Parameters<typeof preparePackage>[0]['events'][number]>(events),
    contents: new Map(all.map((content) => [content.digest, content])),
    statements: decodeAll<Parameters<typeof preparePackage>[0]['statements'][number]>(statements),
  }
  return preparePackage(parts, keyId)
}

function decodeAll<T>(pages: readonly Uint8Array[]): T[] {
  return pages.flatMap((page) => deserialize(page) as T[]) // encoded by gatherPackageParts
}
