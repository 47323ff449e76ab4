/** What the file tools declare alike. They cost nothing here: a dialect with a tariff of its own prices them itself. */
export const fileToolLimits = {
  costMicrosUsd: 0,
  timeoutMs: 30_000,
  outputBytesMax: 100_000,
  labels: [],
  sinks: [],
  approvalCategories: [],
} as const
