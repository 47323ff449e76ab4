const separator = Buffer.from('\n\n')
const heartbeat = ':'.charCodeAt(0)

/** Splits a body of server-sent events into frames, however the pieces are cut. Comments (heartbeats) are not frames. */
export class FrameReader {
  readonly #onFrame: (frame: Buffer) => void
  #tail: Buffer = Buffer.alloc(0)

  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame
  }

  push(part: Buffer): void {
    const bytes = this.#tail.length === 0 ? part : Buffer.concat([this.#tail, part])
    let from = 0
    for (let end = bytes.indexOf(separator); end >= 0; end = bytes.indexOf(separator, from)) {
      if (end > from && bytes[from] !== heartbeat) this.#onFrame(bytes.subarray(from, end))
      from = end + separator.length
    }
    this.#tail = bytes.subarray(from)
  }
}
