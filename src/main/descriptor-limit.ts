import { readFileSync } from 'node:fs'
import type { Limits } from '../domain/limits.ts'

/** How many files and sockets this process may have open; undefined where the system does not say, or sets no limit. */
export function readDescriptorLimit(): number | undefined {
  try {
    return descriptorLimitIn(readFileSync('/proc/self/limits', 'utf8'))
  } catch {
    return undefined // not Linux: connections_max alone bounds the connections
  }
}

/** Reads the soft limit of open files out of `/proc/<pid>/limits`. Undefined for "unlimited". */
export function descriptorLimitIn(procLimits: string): number | undefined {
  const soft = /^Max open files\s+(\d+)/mu.exec(procLimits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

/** The database, the log, the listening socket and what Node itself has open. */
const ofServer = 64
/** A model call, a file of the workspace, a blob and a fetch. */
const ofRun = 4
/** The least that clients get where the limit leaves nothing: this part of it. */
const leastShare = 1 / 4

type NeedsDescriptors = Pick<Limits, 'connections_max' | 'runs_running_max' | 'webhook_deliveries_running_max'>

/**
 * How many connections may be open so that every run and delivery still finds a descriptor: a run that cannot open a file
 * fails through no fault of its own.
 */
export function connectionsWithin(limits: NeedsDescriptors, descriptors: number | undefined): number {
  if (descriptors === undefined) return limits.connections_max
  const reserved = ofServer + ofRun * limits.runs_running_max + limits.webhook_deliveries_running_max
  const left = Math.max(descriptors - reserved, Math.floor(descriptors * leastShare))
  return Math.min(limits.connections_max, left)
}
