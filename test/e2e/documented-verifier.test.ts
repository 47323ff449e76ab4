import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addMessage } from '../../src/engine/commands/add-message.ts'
import { rotateSigningKey } from '../../src/engine/commands/rotate-signing-key.ts'
import { exportAudit } from '../../src/engine/queries/export-audit.ts'
import { verifyAudit } from '../../src/main/verify-audit.ts'
import type { AuditPackage } from '../../src/proof/package/audit-package.ts'
import { textOfSealed } from '../../src/proof/package/seal.ts'
import { createEngineWorld, type EngineWorld } from '../support/create-engine-world.ts'
import { createScriptedTool } from '../support/scripted-tool.ts'
import { temporaryFolder } from '../support/start-server.ts'

const documented = readFileSync(new URL('../../docs/certificates.md', import.meta.url), 'utf8')
const [, program = ''] = /```js\n([\s\S]+?)```/u.exec(documented) ?? []

let world: EngineWorld
let folder: { readonly path: string; remove(): void }
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(async () => {
  await world.deps.logKeeper.stop()
  await world.close()
  folder.remove()
})

/** A task of two runs, with what was allowed and what was denied. */
async function exportSample(): Promise<string> {
  const never = createScriptedTool('never', () => 'never', { capabilitiesFor: () => ['forbidden'] })
  const calls = ['note', 'never', 'note'].map((tool) => ({ tool, input: { text: 'a “quoted” word, 日本' } }))
  world = await createEngineWorld({
    steps: [{ text: 'I note.', calls }, { text: 'done' }],
    tools: [createScriptedTool('note', () => 'noted'), never],
    agent: { capabilities: ['test:*'] },
  })
  world.deps.logKeeper.start()
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  // The second run is signed by another key, which the first hands on to.
  await rotateSigningKey(world.deps, { ...world.owner, role: 'admin' })
  const again = await addMessage(world.deps, world.owner, task.id, { input: { text: 'and now?' } })
  await world.attemptEnded(again.run.id)
  return textOfSealed(await exportAudit(world.deps, world.owner, task.id, { contents: true }))
}

function firstKey(): string {
  return world.deps.notary.keyring.keys[0]?.key_id ?? ''
}

function runDocumented(text: string, pinned: string) {
  const [verifier, file] = [join(folder.path, 'verify.mjs'), join(folder.path, 'package.json')]
  writeFileSync(verifier, program)
  writeFileSync(file, text)
  return spawnSync(process.execPath, [verifier, file, pinned], { encoding: 'utf8' })
}

test('the verifier that the documentation shows finds a real package valid, as our own does', async () => {
  const text = await exportSample()
  const pinned = firstKey()
  expect(await verifyAudit(Buffer.from(text), [pinned])).toMatchObject({ verdict: 'valid' })
  const { stdout, stderr, status } = runDocumented(text, pinned)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^valid: task \S+, \d+ events, 8 statements, signed by ed25519:\w+, ed25519:/u)
  expect(status).toBe(0)
})

test('it finds what was changed, left out, or signed by others', async () => {
  const text = await exportSample()
  const pinned = firstKey()
  const parsed = JSON.parse(text) as AuditPackage
  const without = (change: Partial<AuditPackage>) => JSON.stringify({ ...parsed, ...change })
  const said = (changed: string, key = pinned) => runDocumented(changed, key).stderr
  expect(said(text, `ed25519:${'0'.repeat(32)}`)).toContain('is not the pinned key')
  expect(said(`${text} `)).toContain('the file is not canonical')
  expect(said(without({ statements: parsed.statements.slice(1) }))).toContain('the package is not what was sealed')
  expect(text).toContain('"noted"')
  expect(said(text.replaceAll('"noted"', '"other"'))).toContain('the package is not what was sealed')
  expect(said(without({ seal: { ...parsed.seal, payload: `${parsed.seal.payload}=` } }))).toContain('not canonical')
  const [first] = parsed.heads
  const forged = { ...first, signatures: [{ ...first?.signatures[0], sig: Buffer.alloc(64).toString('base64') }] }
  expect(said(without({ heads: [forged] as AuditPackage['heads'] }))).toContain('a signature of')
})
