const crlf = Buffer.from('\r\n')

/** Takes HTTP/1.1 chunked coding off a body (without trailers), however the pieces are cut. */
export class ChunkedDecoder {
  readonly #onBody: (part: Buffer) => void
  #buffered: Buffer = Buffer.alloc(0)
  /** Bytes of the current chunk that are still to come; its closing line break included. */
  #missing = 0

  constructor(onBody: (part: Buffer) => void) {
    this.#onBody = onBody
  }

  /** Answers true once the last chunk was read. */
  push(part: Buffer): boolean {
    let rest = this.#buffered.length === 0 ? part : Buffer.concat([this.#buffered, part])
    while (rest.length > 0) {
      if (this.#missing > 0) {
        rest = this.#readData(rest)
        continue
      }
      const end = rest.indexOf(crlf)
      if (end < 0) break
      const size = Number.parseInt(rest.toString('latin1', 0, end), 16)
      if (Number.isNaN(size)) throw new Error('a chunk without a size')
      if (size === 0 && rest.length < end + 4) break
      if (size === 0) return true
      this.#missing = size + crlf.length
      rest = rest.subarray(end + crlf.length)
    }
    this.#buffered = rest
    return false
  }

  #readData(rest: Buffer): Buffer {
    const taken = Math.min(this.#missing, rest.length)
    const data = Math.min(taken, this.#missing - crlf.length)
    if (data > 0) this.#onBody(rest.subarray(0, data))
    this.#missing -= taken
    return rest.subarray(taken)
  }
}
