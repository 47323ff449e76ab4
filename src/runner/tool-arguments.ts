import { type Content, type Digest, readableText } from '../domain/content.ts'
import type { JsonValue } from '../domain/json.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import { contentOf } from '../proof/content-of.ts'

/** The arguments of one tool call. They are made once, and what is kept, scanned, certified and performed is the same. */
export interface ToolArguments {
  /** Their RFC 8785 text: the body of the content, which the digest binds. */
  readonly canonical: string
  /** What `canonical` is parsed to. */
  readonly value: JsonValue
  /** Of the content that holds them. */
  readonly digest: Digest
  /** Of that content; empty where it is gone. */
  readonly salt: string
}

/** Arguments as a model wrote them or the guard replaced them, with the content that is to be kept. */
export function newArguments(salt: string, value: JsonValue): { arguments: ToolArguments; content: Content } {
  const canonical = canonicalText(asJson(value))
  const content = contentOf(salt, canonical, 'application/json')
  return { arguments: { canonical, value: JSON.parse(canonical), digest: content.digest, salt }, content }
}

/** Arguments as the journal has them; an empty object where their content is gone. */
export function storedArguments(digest: Digest, content: Content | undefined): ToolArguments {
  const canonical = readableText(content) ?? '{}'
  return { canonical, value: JSON.parse(canonical), digest, salt: content?.salt ?? '' }
}

/** JSON has no -0 and no Infinity, which a provider's numbers can be parsed to. */
function asJson(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value))
}
