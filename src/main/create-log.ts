import { type Logger, pino } from 'pino'

/** JSON lines on stderr; what could hold a credential is redacted. */
export function createLog(level: string): Logger {
  const paths = ['key', 'api_key', 'authorization', 'headers.authorization', '*.key', '*.api_key', '*.authorization']
  const destination = pino.destination({ dest: 2, sync: true })
  // Whoever read it may have gone (`mandate serve 2>&1 | head`): a server goes on without its log.
  destination.on('error', () => undefined)
  return pino({ level, redact: { paths, censor: '[redacted]' }, base: null }, destination)
}
