import { accesses, type DecisionInputs } from '../../src/domain/decision.ts'
import type { PolicyVersion } from '../../src/domain/policy.ts'
import { createGuard } from '../../src/guard/create-guard.ts'
import { createPolicyEngine } from '../../src/guard/policy/create-policy-engine.ts'
import { createSystemRandomness } from '../../src/main/system-randomness.ts'
import { canonicalText } from '../../src/proof/canonical-json.ts'
import { contentOf } from '../../src/proof/digests.ts'
import type { Attempt } from '../../src/runner/attempt.ts'
import type { OpenAction } from '../../src/runner/conversation.ts'
import { issueDecision } from '../../src/runner/issue-statements.ts'
import { newArguments } from '../../src/runner/tool-arguments.ts'
import { createInlineWorkerPool } from '../../test/support/inline-worker-pool.ts'
import { sampleInputs } from '../../test/support/sample-inputs.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { testNotary } from '../../test/support/test-notary.ts'

const randomness = createSystemRandomness(Date.now)
const tool = createScriptedTool('note', () => '')
const words =
  'The patient was seen on Monday and will be seen again. Call +1 (555) 010-0199 or mail a.person@example.com. '

/** Milliseconds of each answer of the guard: content scanned, decided, recorded and signed; nothing is committed. */
export async function measureVerify(policies: readonly PolicyVersion[], calls: number): Promise<number[]> {
  const engine = createPolicyEngine()
  for (const policy of policies) engine.prepare(policy)
  // Only what is short is measured here: it never leaves the thread.
  const guard = createGuard(engine.evaluate, createInlineWorkerPool())
  const samples: number[] = []
  for (let call = 0; call < calls; call += 1) {
    const policy = policies[(call * 37) % policies.length]
    if (policy === undefined) throw new Error('There are no policies.')
    const action = actionOf(policy, call)
    const from = performance.now()
    const { decision, inputs, redacted } = await guard.verify(action)
    const given = redacted && newArguments(randomness.newSalt(), redacted)
    const recorded = contentOf(randomness.newSalt(), canonicalText(inputs), 'application/json')
    issueDecision(attemptUnder(policy, inputs), {
      step: 1,
      open: openOf(inputs, action),
      tool,
      decision,
      inputs,
      argumentsDigest: given?.arguments.digest ?? inputs.arguments,
      inputsDigest: recorded.digest,
      reservedMicrosUsd: inputs.cost_micros_usd,
      prompt: null,
    })
    samples.push(performance.now() - from)
    if (decision.answer !== 'allow') throw new Error(`It was denied: ${decision.reason}`)
  }
  return samples
}

/** Arguments of 1 to 4 KiB, every tenth with personal data in it. */
function actionOf(policy: PolicyVersion, call: number) {
  const length = 1_024 + (call % 4) * 1_010
  const plain = `call ${call}: ${'plain words of an ordinary letter, nothing to see. '.repeat(90)}`
  const text = (call % 10 === 0 ? words + plain : plain).slice(0, length)
  const salt = randomness.newSalt()
  const input = { text }
  const made = newArguments(salt, input).arguments
  const {
    version: _,
    findings: __,
    ...inputs
  } = sampleInputs({
    at: Date.now(),
    policy: { name: policy.document.name, digest: policy.digest },
    access: accesses[call % accesses.length] ?? 'other',
    arguments: made.digest,
    cost_micros_usd: 5,
  })
  return { policy, inputs, input, text: made.canonical, salt }
}

function openOf({ action, tool: name }: DecisionInputs, made: ReturnType<typeof actionOf>): OpenAction {
  return {
    action,
    tool: name,
    call: 'call-1',
    arguments: { canonical: made.text, value: made.input, digest: made.inputs.arguments, salt: made.salt },
    repeats: null,
    allowed: null,
    prompt: null,
    asked: null,
  }
}

/** All that a statement takes from an attempt. */
function attemptUnder(policy: PolicyVersion, inputs: DecisionInputs): Attempt {
  const config = { capabilities: inputs.granted, policy: { name: policy.document.name, digest: policy.digest } }
  const snapshot = { run: { id: inputs.run, taskId: inputs.task, attempt: 1, config }, task: { parentId: null } }
  const deps = { notary }
  return { journal: { snapshot }, deps, conversation: { lastStatement: null } } as unknown as Attempt
}

const notary = testNotary()
