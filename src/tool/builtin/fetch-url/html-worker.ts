import { parentPort, workerData } from 'node:worker_threads'
import { Readability } from '@mozilla/readability'
import { parseHTML } from 'linkedom'
import TurndownService from 'turndown'
import { addTableRules } from './table-rules.ts'

/** The job of the worker and its one reply. */
export interface HtmlJob {
  readonly html: string
  readonly url: string
}
/** The reply of the worker. */
export interface HtmlResult {
  readonly markdown: string
}

/**
 * The depth beyond which browsers flatten a document. The converter would take minutes for it, or exhaust its stack.
 */
const depthMax = 512

function toMarkdown({ html, url }: HtmlJob): string {
  const { document } = parseHTML(/<html[\s>]/iu.test(html) ? html : `<html><head></head><body>${html}</body></html>`)
  requireDepth(document.documentElement)
  // Relative links are resolved against these, which linkedom does not provide.
  for (const name of ['baseURI', 'documentURI']) Object.defineProperty(document, name, { value: url })
  // Readability changes the document. This copy is for pages in which it finds no article.
  for (const element of document.querySelectorAll('script, style, noscript, template, svg, iframe')) element.remove()
  const body = document.body?.innerHTML ?? ''
  const article = new Readability(document as unknown as ConstructorParameters<typeof Readability>[0]).parse()
  const title = (article?.title ?? '').trim()
  const text = turndown()
    .turndown(article?.content || body)
    .trim()
  return title === '' || text.startsWith(`# ${title}`) ? text : `# ${title}\n\n${text}`.trim()
}

interface TreeNode {
  readonly firstChild: TreeNode | null
  readonly nextSibling: TreeNode | null
  readonly parentNode: TreeNode | null
}

/** Checks the depth without recursion, since a deep page would exhaust the stack. */
function requireDepth(root: TreeNode): void {
  let depth = 0
  let node: TreeNode | null = root
  while (node !== null) {
    if (node.firstChild !== null) {
      node = node.firstChild
      depth += 1
      if (depth > depthMax) throw new RangeError(`The page is nested deeper than ${depthMax} elements.`)
      continue
    }
    while (node !== null && node !== root && node.nextSibling === null) {
      node = node.parentNode
      depth -= 1
    }
    if (node === null || node === root) return
    node = node.nextSibling
  }
}

function turndown(): TurndownService {
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' })
  addTableRules(service)
  return service
}

parentPort?.postMessage({ markdown: toMarkdown(workerData as HtmlJob) } satisfies HtmlResult)
