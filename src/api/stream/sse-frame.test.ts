import { createParser, type EventSourceMessage } from 'eventsource-parser'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deltaFrame, eventFrame, retryFrame } from './sse-frame.ts'

function parse(chunks: readonly string[]): EventSourceMessage[] {
  const messages: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => messages.push(message) })
  for (const chunk of chunks) parser.feed(chunk)
  return messages
}

test('whatever the data holds and wherever the stream is cut, a reader gets it back whole', () => {
  const frame = fc.record({
    seq: fc.option(fc.nat()),
    type: fc.constantFrom('run.queued', 'text.delta'),
    data: fc.jsonValue(),
  })
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat({ max: 500 })), (frames, cuts) => {
      const text = frames
        .map(({ seq, type, data }) => {
          const json = JSON.stringify(data)
          return seq === null ? deltaFrame(type, json) : eventFrame(seq, type, json)
        })
        .join(':\n\n')
      const stops = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
      const chunks = stops.slice(1).map((stop, at) => text.slice(stops[at], stop))
      const read = parse([retryFrame, ...chunks]).map(({ id, event, data }) => ({ id, type: event, data }))
      expect(read).toEqual(
        frames.map(({ seq, type, data }) => ({
          id: seq === null ? undefined : String(seq),
          type,
          data: JSON.stringify(data),
        })),
      )
    }),
  )
})
