import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** More than any frame of a server that keeps its own limits. */
const frameCharsMax = 32 * 1024 * 1024

/**
 * The frames of an event stream, as they come. A frame that was cut in the middle is dropped, as the specification of
 * server-sent events says; throws what the body throws.
 */
export async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage, void, void> {
  let frames: EventSourceMessage[] = []
  let broken: Error | undefined
  const parser = createParser({
    maxBufferSize: frameCharsMax,
    onEvent: (frame) => frames.push(frame),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') broken = error // unknown fields are to be ignored
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
