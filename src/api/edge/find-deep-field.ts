/**
 * The first field of a JSON object, by its name, whose value is nested in more levels than this; '' where the text is no
 * object. Undefined where there is none. Reads the text as it stands, once and without a stack, so that a text made of brackets
 * costs no more than another of its length; what is no JSON is left to be found out by whoever parses it.
 */
export function findDeepField(text: string, levels: number): string | undefined {
  let depth = 0
  let isObject = false
  let field = ''
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at]
    if (unit === '"') {
      const end = endOfText(text, at)
      // Of the texts of the object itself the last one before a bracket is the name of what that opens.
      if (depth === 1 && isObject) field = text.slice(at, end + 1)
      at = end
    } else if (unit === '{' || unit === '[') {
      if (depth === 0) isObject = unit === '{'
      depth += 1
      if (depth > levels + 1) return nameIn(field)
    } else if (unit === '}' || unit === ']') depth -= 1
  }
  return undefined
}

/** Where the text that begins with this quote ends: at the next quote before which no odd number of backslashes stands. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return end
  }
  return text.length
}

function nameIn(quoted: string): string {
  try {
    return String(JSON.parse(quoted || '""')).toWellFormed()
  } catch {
    return '' // It is no JSON, and is refused for its depth all the same.
  }
}
