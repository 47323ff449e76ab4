import type { Limits } from '../../domain/limits.ts'

/** The configured limits that the file tools are told of and that their input is checked against. */
export type FileToolLimits = Pick<Limits, 'file_bytes_max' | 'path_chars_max'>

/** The common declarations of the file tools. They cost nothing here; a dialect with a tariff sets its own price. */
export const fileToolLimits = {
  costMicrosUsd: 0,
  timeoutMs: 30_000,
  outputBytesMax: 100_000,
  labels: [],
  sinks: [],
  approvalCategories: [],
} as const
