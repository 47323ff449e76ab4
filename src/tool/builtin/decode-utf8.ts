/** The text of UTF-8 bytes without a byte order mark, or undefined where they are not text. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // It throws only where the bytes are not UTF-8.
    return undefined
  }
}
