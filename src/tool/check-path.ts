const nameBytesMax = 255

/** The prefix of names that belong to the workspace itself, such as files that are being written. */
export const reservedPrefix = '.mandate-'

/**
 * The reason for which a path is invalid in a workspace, as the end of a sentence (`must not …`), or undefined. A path
 * is relative, separated by `/` and in one canonical form, so that one file has one path on every system that the
 * workspace may be rebuilt on: hence no backslash, no colon (drive letters and streams of Windows) and no name that
 * ends in a dot or a space.
 */
export function checkPath(path: string, charsMax: number): string | undefined {
  if (path === '') return 'must not be empty'
  if (path.length > charsMax) return `must not be longer than ${charsMax} characters (path_chars_max)`
  if (!path.isWellFormed()) return 'must be well-formed Unicode'
  if (path.startsWith('/')) return 'must be relative to the workspace, without a leading "/"'
  if (path.includes('\\')) return 'must separate folders by "/", not by a backslash'
  if (hasControlCharacter(path)) return 'must not hold control characters'
  if (path.includes(':')) return 'must not hold a colon'
  for (const name of path.split('/')) {
    const reason = checkName(name)
    if (reason !== undefined) return reason
  }
  return undefined
}

function checkName(name: string): string | undefined {
  if (name === '') return 'must not hold an empty name ("//" or a trailing "/")'
  if (name === '.' || name === '..') return 'must not hold "." or ".." as a name'
  if (name.endsWith('.') || name.endsWith(' ')) return 'must not hold a name that ends in a dot or a space'
  if (name.startsWith(reservedPrefix)) return `must not hold a name that begins with "${reservedPrefix}"`
  if (Buffer.byteLength(name) > nameBytesMax) return `must not hold a name longer than ${nameBytesMax} bytes`
  return undefined
}

function hasControlCharacter(path: string): boolean {
  for (let index = 0; index < path.length; index += 1) {
    const code = path.charCodeAt(index)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
