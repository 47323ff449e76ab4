/** Millionths of a dollar as dollars, with the digits that matter: `$0.00`, `$0.000012`, `$0.0012`, `$1.25`. */
export function formatCost(microsUsd: number): string {
  if (microsUsd === 0) return '$0.00'
  const digits = microsUsd < 100 ? 6 : microsUsd < 1_000_000 ? 4 : 2
  return `$${(microsUsd / 1_000_000).toFixed(digits)}`
}

/** `1,234,567` whatever the language of the machine is. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** `1 step`, `2 steps`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `$1.25, 1,200 tokens, 3 steps`. */
export function formatAmounts(amounts: { micros_usd: number; tokens: number; steps?: number }): string {
  const { micros_usd, tokens, steps } = amounts
  const counted = [formatCost(micros_usd), formatPlural(tokens, 'token')]
  return [...counted, ...(steps === undefined ? [] : [formatPlural(steps, 'step')])].join(', ')
}

/** Decimal units: `11 B`, `1.2 kB`, `34 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
