import type { RunningServer } from '../contenders/contender.ts'
import { withConnections } from '../load/clients.ts'
import { FrameReader } from '../load/frame-reader.ts'
import type { HttpConnection } from '../load/http-connection.ts'
import { submitBytes } from '../load/requests.ts'
import { percentile } from '../statistics.ts'
import type { Measure, Readings } from './measure.ts'

const clients = 64
const tokens = 200
const text = Array.from({ length: tokens }, (_, i) => `word${String(i).padStart(3, '0')}`).join(' ')

/** Streams of 200 tokens: submitted with `Accept: text/event-stream`, read to the end of the task. */
export const streams: Measure = {
  name: 'streams',
  contenders: ['control', 'mandate'],
  metrics: [
    { key: 'stream.one.first', label: `A stream of ${tokens} tokens alone: first event, p50`, unit: 'ms', digits: 2 },
    { key: 'stream.one.token', label: 'the same: first token, p50', unit: 'ms', digits: 2 },
    { key: 'stream.one.rate', label: 'the same: events', unit: '/s', digits: 0 },
    { key: 'stream.many.first', label: `${clients} such streams at a time: first event, p50`, unit: 'ms', digits: 2 },
    { key: 'stream.many.token', label: 'the same: first token, p50', unit: 'ms', digits: 2 },
    { key: 'stream.many.rate', label: 'the same: events', unit: '/s', digits: 0 },
    { key: 'stream.many.load', label: 'the same: load generator core used', unit: '%', digits: 0 },
    { key: 'stream.tokens', label: 'Tokens that came as an event of their own, per stream', unit: '', digits: 0 },
  ],
  async run({ server: started, quick }) {
    const server = await started()
    const one = await readStreams(server, 1, quick ? 3 : 30)
    const own = process.cpuUsage()
    const many = await readStreams(server, clients, quick ? 1 : 10)
    const used = process.cpuUsage(own)
    return {
      ...readings('stream.one', one),
      ...readings('stream.many', many),
      'stream.many.load': ((used.user + used.system) / 1000 / many.elapsedMs) * 100,
      'stream.tokens': percentile(
        [...one.streams, ...many.streams].map((stream) => stream.tokens),
        0,
      ),
    }
  },
}

interface StreamSample {
  firstMs: number
  tokenMs: number
  events: number
  tokens: number
}

interface Batch {
  readonly streams: readonly StreamSample[]
  readonly elapsedMs: number
}

function readings(prefix: string, { streams: samples, elapsedMs }: Batch): Readings {
  const events = samples.reduce((sum, sample) => sum + sample.events, 0)
  return {
    [`${prefix}.first`]: percentile(
      samples.map((sample) => sample.firstMs),
      0.5,
    ),
    [`${prefix}.token`]: percentile(
      samples.map((sample) => sample.tokenMs),
      0.5,
    ),
    [`${prefix}.rate`]: (events * 1000) / elapsedMs,
  }
}

/** `clientCount` streams at the same time, and that `repeats` times: the next set begins when the last of one has ended. */
async function readStreams(server: RunningServer, clientCount: number, repeats: number): Promise<Batch> {
  const bytes = submitBytes(server, { input: `say ${text} in ${tokens} tokens` }, 'Accept: text/event-stream')
  const samples: StreamSample[] = []
  let elapsedMs = 0
  await withConnections(server, clientCount, async (connections) => {
    for (let i = 0; i < repeats; i += 1) {
      const from = performance.now()
      samples.push(...(await Promise.all(connections.map((connection) => readStream(connection, bytes)))))
      elapsedMs += performance.now() - from
    }
  })
  return { streams: samples, elapsedMs }
}

async function readStream(connection: HttpConnection, bytes: string): Promise<StreamSample> {
  const sample: StreamSample = { firstMs: Number.NaN, tokenMs: Number.NaN, events: 0, tokens: 0 }
  let last: Buffer = Buffer.alloc(0)
  const from = performance.now()
  const reader = new FrameReader((frame) => {
    if (sample.events === 0) sample.firstMs = performance.now() - from
    sample.events += 1
    if (frame.includes('event: text.delta')) {
      if (sample.tokens === 0) sample.tokenMs = performance.now() - from
      sample.tokens += 1
    }
    last = frame
  })
  const status = await connection.stream(bytes, (part) => reader.push(part))
  if (status < 300 && last.includes('event: run.succeeded')) return sample
  throw new Error(`a stream ended with ${status} and the frame: ${last.toString().slice(0, 500)}`)
}
