import canonicalize from 'canonicalize'

/**
 * The one JSON text of a value, after RFC 8785: sorted names, no white space, numbers as ECMAScript writes them. Members that
 * are undefined are left out. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD, as it does in the bytes of contents:
 * so every journal has its digests, and a text that holds one is never equal to the canonical text of what it is parsed to.
 * Throws for what JSON has no form for (NaN, Infinity, a cycle, undefined).
 */
export function canonicalText(value: unknown): string {
  const text = canonicalizeMended(value)
  if (text === undefined) throw new Error('JSON has no form for this value.')
  return text
}

/** The same as UTF-8. */
export function canonicalBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalText(value))
}

function canonicalizeMended(value: unknown): string | undefined {
  try {
    return canonicalize(value)
  } catch (error) {
    const mended = withoutLoneSurrogates(value)
    if (mended === undefined) throw error
    return canonicalize(mended)
  }
}

/** A copy with U+FFFD in place of each lone surrogate; undefined where there is none. */
function withoutLoneSurrogates(value: unknown): unknown {
  let mends = 0
  // JSON.stringify escapes a surrogate only where it stands alone; a backslash of the text itself is always doubled.
  const text = JSON.stringify(value, refuseNoNumber).replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/gu, (escaped) => {
    if (escaped === '\\\\') return escaped
    mends += 1
    return '\ufffd'
  })
  return mends === 0 ? undefined : JSON.parse(text)
}

/** JSON.stringify would write null for it. */
function refuseNoNumber(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} is not allowed`)
  return value
}
