import type TurndownService from 'turndown'

/** Adds rules for Markdown tables. Turndown alone makes a paragraph of each cell. */
export function addTableRules(service: TurndownService): void {
  service.addRule('cell', {
    filter: ['th', 'td'],
    replacement: (content) =>
      ` ${content
        .trim()
        .replace(/\s*\n\s*/gu, ' ')
        .replaceAll('|', '\\|')} |`,
  })
  service.addRule('row', {
    filter: 'tr',
    replacement: (content, node) => {
      const row = node as unknown as Row
      const line = `\n|${content}`
      return isFirst(row) ? `${line}\n|${' --- |'.repeat(row.childNodes.length)}` : line
    },
  })
  service.addRule('rows', { filter: ['thead', 'tbody', 'tfoot'], replacement: (content) => content })
  service.addRule('table', { filter: 'table', replacement: (content) => `\n\n${content.trim()}\n\n` })
}

/** The part of a DOM node that a rule reads, without the types of a browser. */
interface Row {
  readonly nodeName: string
  readonly childNodes: { readonly length: number }
  readonly previousSibling: Row | null
  readonly parentNode: Row | null
}

function isFirst(row: Row): boolean {
  if (row.previousSibling !== null) return false
  const parent = row.parentNode
  return parent === null || parent.nodeName === 'TABLE' || parent.previousSibling === null
}
