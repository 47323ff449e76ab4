/** The common declarations of the file tools. They cost nothing here; a dialect with a tariff sets its own price. */
export const fileToolLimits = {
  costMicrosUsd: 0,
  timeoutMs: 30_000,
  outputBytesMax: 100_000,
  labels: [],
  sinks: [],
  approvalCategories: [],
} as const
