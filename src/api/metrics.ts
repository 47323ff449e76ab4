import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ServerDeps } from '../engine/server-deps.ts'
import type { ConnectionCounts } from './connection/limit-clients.ts'
import type { OpenStreams } from './stream/open-streams.ts'

/** Counts while the server runs. Prometheus' text is made, and its library loaded, only when asked for. */
export interface Metrics {
  /** Counts an answered request; `route` is its pattern. */
  answered(method: string, route: string, status: number): void
  render(): Promise<{ readonly text: string; readonly mediaType: string }>
}

type Counts = Map<string, { readonly labels: Record<string, string>; count: number }>

function count(counts: Counts, name: string, labels: () => Record<string, string>): void {
  const known = counts.get(name)
  if (known === undefined) counts.set(name, { labels: labels(), count: 1 })
  else known.count += 1
}

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>

/** The parts of the server that the metrics are read from. */
export interface MetricsSources {
  readonly deps: ServerDeps
  readonly streams: OpenStreams
  readonly connections: () => ConnectionCounts
  readonly runOutcomes: (() => ReadonlyMap<string, number>) | undefined
}

/** Creates the counters of one process. A restart begins at zero, as Prometheus expects. */
export function createMetrics({ deps, streams, connections, runOutcomes }: MetricsSources): Metrics {
  const requests: Counts = new Map()
  let loopDelay: IntervalHistogram | undefined
  return {
    answered(method, route, status) {
      const labels = () => ({ method, route, status: String(status) })
      count(requests, `${method} ${status} ${route}`, labels)
    },
    async render() {
      if (loopDelay === undefined) {
        loopDelay = monitorEventLoopDelay({ resolution: 20 })
        loopDelay.enable()
      }
      const { Counter, Gauge, Registry } = await import('prom-client')
      const registry = new Registry()
      const counter = (name: string, help: string, labelNames: string[]) =>
        new Counter({ name, help, labelNames, registers: [registry] })
      const gauge = (name: string, help: string, value: number) =>
        new Gauge({ name, help, registers: [registry] }).set(value)
      const health = deps.store.health()
      const answered = counter('mandate_http_requests_total', 'Requests answered.', ['method', 'route', 'status'])
      for (const { labels, count: value } of requests.values()) answered.inc(labels, value)
      const ended = counter('mandate_runs_ended_total', 'Attempts that ended in this process, by how.', ['outcome'])
      for (const [outcome, value] of runOutcomes?.() ?? []) ended.inc({ outcome }, value)
      const { open, refused } = connections()
      gauge('mandate_connections_open', 'Connections that are open.', open)
      counter('mandate_connections_refused_total', 'Connections that found no place.', []).inc(refused)
      gauge('mandate_runs_running', 'Runs that this process carries out now.', deps.dispatcher.runningCount)
      gauge('mandate_commits_waiting', 'Commits that wait for the disk.', health.waitingCommits)
      gauge('mandate_storage_writable', '1 while the storage takes writes.', health.writable ? 1 : 0)
      gauge('mandate_streams_open', 'Streams that are open.', streams.count)
      gauge('mandate_process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss())
      gauge('mandate_event_loop_delay_p99_seconds', 'p99 delay of the event loop since asked last.', p99(loopDelay))
      loopDelay.reset()
      return { text: await registry.metrics(), mediaType: registry.contentType }
    },
  }
}

function p99(delay: IntervalHistogram): number {
  return delay.count === 0 ? 0 : delay.percentile(99) / 1e9
}
