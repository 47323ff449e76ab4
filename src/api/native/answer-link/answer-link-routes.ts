import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { isRefusal } from '../../../domain/refusal.ts'
import { answerPrompt } from '../../../engine/commands/answer-prompt.ts'
import { type OpenedLink, openAnswerLink } from '../../../engine/prompts/answer-links.ts'
import { readPayload } from '../../../engine/prompts/read-payload.ts'
import type { NativeApp, NativeContext } from '../native-context.ts'
import { type AskedOnPage, answerPage, pageHeaders, plainPages, questionsOf } from './answer-page.ts'
import { fieldsOf, readAnswerForm } from './read-answer-form.ts'

type Open = Extract<OpenedLink, { readonly state: 'open' }>

const TokenSchema = Type.Object({ token: Type.String() })
/** A form has one text a question and a note. */
const formBytesMax = 4 * 1024 * 1024

/**
 * Adds the pages of one-time answer links. They are for browsers, need no key and hold no script: GET shows what is asked
 * and changes nothing, POST answers once in the name of the link's user. A link that is unknown and one whose user may not
 * answer any more look the same.
 */
export function addAnswerLinkRoutes(app: NativeApp, { deps }: NativeContext): void {
  const asked = async ({ prompt, snapshot }: Open): Promise<AskedOnPage> => ({
    prompt,
    task: snapshot.task,
    payload: await readPayload(deps, prompt),
  })
  void app.register((pages: NativeApp, _options, done) => {
    pages.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: Math.min(formBytesMax, deps.limits.body_bytes_max) },
      (_request, text, parsed) => parsed(null, new URLSearchParams(String(text))),
    )
    const options = { config: { open: true }, schema: { hide: true, params: TokenSchema } }
    pages.get('/answer/:token', options, async ({ params }, reply) => {
      const opened = await openAnswerLink(deps, params.token)
      if (opened.state !== 'open') return sendPlain(reply, opened.state)
      return send(reply, 200, answerPage(await asked(opened)))
    })
    pages.post('/answer/:token', options, async ({ params, body }, reply) => {
      const opened = await openAnswerLink(deps, params.token)
      if (opened.state !== 'open') return sendPlain(reply, opened.state)
      const { link, principal, prompt } = opened
      const page = await asked(opened)
      try {
        const answer = readAnswerForm(fieldsOf(body), questionsOf(page.payload))
        const used = { kind: 'use_answer_link', tokenHash: link.tokenHash, at: deps.clock.now() } as const
        await answerPrompt(deps, principal, prompt.id, { ...answer, via: 'link', writes: [used] })
        return sendPlain(reply, 'answered')
      } catch (error) {
        if (isRefusal(error, 'prompt_settled')) return sendPlain(reply, 'settled')
        if (isRefusal(error, 'prompt_not_found') || isRefusal(error, 'role_forbidden'))
          return sendPlain(reply, 'unknown')
        if (isRefusal(error, 'task_busy')) return sendPlain(reply, 'busy')
        if (!isRefusal(error, 'invalid_input') && !isRefusal(error, 'limit_exceeded')) throw error
        return send(reply, 422, answerPage(page, error.message))
      }
    })
    done()
  })
}

function sendPlain(reply: FastifyReply, name: keyof typeof plainPages): FastifyReply {
  const { status, page } = plainPages[name]
  return send(reply, status, page)
}

function send(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply.code(status).headers(pageHeaders).send(page)
}
