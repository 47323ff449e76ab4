import { expect, test } from 'vitest'
import { createCliWorld } from '../../../../test/support/cli-world.ts'
import { sampleAgent } from '../../../../test/support/sample-views.ts'

const warning = {
  code: 'tools_lack_capabilities' as const,
  message: 'The agent may not use read_file.',
  tools: ['read_file'],
  capabilities: ['filesystem:read'],
}
const agent = sampleAgent({ name: 'reader', number: 4, capabilities: ['network:*'], warnings: [warning] })

test.each([
  { json: [] as string[], printed: /^agent 4 {2}reader\n/u },
  { json: ['--json'], printed: /^\{.*"warnings"/u },
])(
  'an agent whose tools lack capabilities is created with a warning that says how to grant them ($json)',
  async (row) => {
    const { run } = createCliWorld({ routes: { 'POST /agents': agent } })
    const { exitCode, out, err } = await run('agent', 'create', 'reader', '--tool', 'read_file', ...row.json)
    expect([exitCode, out]).toEqual([0, expect.stringMatching(row.printed)])
    expect(err).toBe(
      'warning: The agent may not use read_file.\n  mandate agent update 4 --capability network:*,filesystem:read\n',
    )
  },
)
