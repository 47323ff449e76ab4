/** The text of bytes that are UTF-8 (a byte order mark is dropped), or undefined where they are not text. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // The only way it throws: the bytes are something else.
    return undefined
  }
}
