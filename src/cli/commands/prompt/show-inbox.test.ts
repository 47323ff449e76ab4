import { describe, expect, test } from 'vitest'
import { createCliWorld } from '../../../../test/support/cli-world.ts'
import { sampleApproval, samplePrompt, samplePromptId } from '../../../../test/support/sample-views.ts'
import type { PromptView } from '../../../api/native/contract/prompt.ts'

const page = (prompts: PromptView[], next_cursor: string | null = null) => ({
  prompts,
  has_more: next_cursor !== null,
  next_cursor,
})

describe('mandate inbox', () => {
  test('lists what is asked, with its age and how long it stays open', async () => {
    const prompts = [
      samplePrompt({ expires_at: '2026-01-01T12:05:00.000Z' }),
      sampleApproval({ id: samplePromptId(2), task: { id: 'x', number: 12, title: 't' } }),
    ]
    const { run, requests } = createCliWorld({ routes: { 'GET /prompts': page(prompts, 'next') }, columns: 120 })
    const { out } = await run('inbox', '--kind', 'question', '--limit', '5')
    expect(out.split('\n')).toEqual([
      'TASK  KIND      ASKED                   OPENED   EXPIRES      PROMPT',
      `   7  question  Which color?            1 m ago  in 5 m 00 s  ${samplePromptId(1)}`,
      `  12  approval  approval of write_file  1 m ago               ${samplePromptId(2)}`,
      'More with --cursor next',
      '',
    ])
    expect(requests[0]?.url.search).toBe('?limit=5&kind=question')
  })

  test('keeps the id whole where the terminal is narrow', async () => {
    const { run } = createCliWorld({ routes: { 'GET /prompts': page([samplePrompt()]) }, columns: 60 })
    expect((await run('inbox')).out).toContain(samplePromptId())
  })

  test('says that nothing is asked, and prints the server’s answer with --json', async () => {
    const { run } = createCliWorld({ routes: { 'GET /prompts': page([]) } })
    expect((await run('inbox')).out).toBe('Nothing is asked.\n')
    expect(JSON.parse((await run('inbox', '--json')).out)).toEqual(page([]))
  })

  test('with --watch shows each prompt once as it comes, and ends with 130 at Ctrl-C', async () => {
    const first = samplePrompt()
    const second = sampleApproval({ id: samplePromptId(2) })
    const pages = [page([]), page([first]), page([second, first]), page([second])]
    const world = createCliWorld({
      routes: {
        'GET /prompts': () => {
          const next = pages.shift()
          if (next === undefined) world.interrupt()
          return next ?? page([])
        },
      },
    })
    const { out, exitCode } = await world.run('inbox', '--watch')
    expect(out).toBe(
      [
        'task 7 question',
        'Which color?',
        '  1  red',
        '  2  blue',
        `mandate answer ${samplePromptId(1)} <answer>`,
        '',
        'task 7 approval',
        'approval of write_file',
        '  tool       write_file',
        '  arguments  {"path":"a.txt","text":"pay \\u202e1"}',
        '  reason     It sends mail.\\u001b[2J',
        '  policy     {"name":"default"}',
        `mandate answer ${samplePromptId(2)} --approve, or --deny`,
        '',
        '',
      ].join('\n'),
    )
    expect(exitCode).toBe(130)
    expect(world.requests.every(({ url }) => url.search === '?wait=30')).toBe(true)
  })

  test('with --watch --json prints one line of JSON for each prompt', async () => {
    const world = createCliWorld({
      routes: {
        'GET /prompts': () => {
          if (world.requests.length > 1) world.interrupt()
          return page([samplePrompt()])
        },
      },
    })
    const { out } = await world.run('inbox', '--watch', '--json')
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([samplePrompt()])
  })
})
