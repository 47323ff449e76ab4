import { type Content, type Digest, readableText } from '../domain/content.ts'
import type { JsonValue } from '../domain/json.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import { contentOf } from '../proof/digests.ts'

/** The arguments of one tool call. They are made once: what is kept, scanned, certified and performed is the same. */
export interface ToolArguments {
  /** The arguments in the canonical form of RFC 8785. It is the body of the content, which the digest binds. */
  readonly canonical: string
  /** The parsed form of `canonical`. */
  readonly value: JsonValue
  /** The digest of the content that holds them. */
  readonly digest: Digest
  /** The salt of that content; empty where it is gone. */
  readonly salt: string
}

/** Makes arguments from what a model wrote or the guard replaced, with the content that keeps them. */
export function newArguments(salt: string, value: JsonValue): { arguments: ToolArguments; content: Content } {
  const canonical = canonicalText(asJson(value))
  const content = contentOf(salt, canonical, 'application/json')
  return { arguments: { canonical, value: JSON.parse(canonical), digest: content.digest, salt }, content }
}

/** Reads arguments from the journal. They are an empty object where their content is gone. */
export function storedArguments(digest: Digest, content: Content | undefined): ToolArguments {
  const canonical = readableText(content) ?? '{}'
  return { canonical, value: JSON.parse(canonical), digest, salt: content?.salt ?? '' }
}

/** Converts -0 to 0 and Infinity to null, which JSON does not have and a provider's numbers can be parsed to. */
function asJson(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value))
}
