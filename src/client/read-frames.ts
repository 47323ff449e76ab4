import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** A limit above the longest frame of a server that keeps its own limits. */
const frameCharsMax = 32 * 1024 * 1024

/**
 * Yields the frames of an event stream as they arrive. A frame that was interrupted is dropped, as the specification of
 * server-sent events says. Throws what the body throws.
 */
export async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage, void, void> {
  let frames: EventSourceMessage[] = []
  let broken: Error | undefined
  const parser = createParser({
    maxBufferSize: frameCharsMax,
    onEvent: (frame) => frames.push(frame),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') broken = error // The specification says to ignore unknown fields.
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    if (broken !== undefined) throw broken
    yield* frames
    frames = []
  }
}
