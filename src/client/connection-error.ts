import { ClientError } from './client-error.ts'

/**
 * The error for a request without a response. Its message says where to look. `tls_failed` means that a server replied
 * whose certificate is not trusted or that does not speak TLS, and asking again does not help. `unreachable` means that
 * nothing replied there.
 */
export function connectionError(url: string, cause: unknown): ClientError {
  const { code = '', message, name } = innermost(cause)
  const fail = (kind: 'tls_failed' | 'unreachable', detail: string) => new ClientError(0, kind, detail, { cause })
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') {
    return fail('tls_failed', `What answers at ${url} does not speak TLS: it may be meant as http:// and not https://.`)
  }
  if (isCertificateError(code)) {
    const reason = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'it is for another host' : sayCertificate(code, message)
    return fail('tls_failed', `The certificate of the server at ${url} is not trusted: ${reason} (${code}).`)
  }
  if (code.startsWith('ERR_SSL_')) return fail('tls_failed', `No secure connection to ${url} came about (${code}).`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return fail('unreachable', `The host ${new URL(url).hostname} is not known (${code}).`)
  }
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || name === 'HTTPParserError') {
    return fail('unreachable', `What answers at ${url} closed the connection without an answer${httpHint(url)}`)
  }
  const reason = code || message
  const isPlain = ['ECONNREFUSED', 'fetch failed', ''].includes(reason)
  return fail('unreachable', `No server answers at ${url}${isPlain ? '' : ` (${reason})`}.`)
}

/** Whether this is one of the codes that Node gives to OpenSSL's complaints about a certificate. */
function isCertificateError(code: string): boolean {
  return /CERT|^UNABLE_TO_|^(?:HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED)$/u.test(code)
}

function sayCertificate(code: string, message: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'it has expired'
  if (code === 'CERT_NOT_YET_VALID') return 'it is not valid yet'
  return /SELF_SIGNED/u.test(code) ? 'it is signed by itself' : (message.split(';')[0] ?? code)
}

function httpHint(url: string): string {
  return url.startsWith('http:') ? ': it may be meant as https:// and not http://.' : '.'
}

/**
 * The error with the useful message. Node's fetch says only "fetch failed"; the reason is in its causes, and in the
 * first of several tries.
 */
function innermost(error: unknown): { code?: string | undefined; message: string; name: string } {
  let at = error
  while (at instanceof Error && (at.cause instanceof Error || (at instanceof AggregateError && at.errors.length > 0))) {
    at = at instanceof AggregateError ? at.errors[0] : at.cause
  }
  if (!(at instanceof Error)) return { message: String(at), name: '' }
  const code = 'code' in at && typeof at.code === 'string' ? at.code : undefined
  return { code, message: at.message, name: at.name }
}
