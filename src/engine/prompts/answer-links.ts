import { createHash, randomBytes } from 'node:crypto'
import type { AnswerLink, AnswerLinks, MintedLink } from '../../domain/answer-link.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { grantableRoles, may, type Principal, type Role } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import { Refusal } from '../../domain/refusal.ts'
import { mayAnswer } from '../access/read-prompt.ts'
import type { EngineDeps } from '../engine-deps.ts'

const hourMs = 3_600_000
const keysMax = 200

/** The policies whose versions from before there were links close them too. */
const closedPolicies: ReadonlySet<string> = new Set(['hipaa', 'sox', 'legal_privilege'])

/** The state of a link, and what it leads to while it can be answered. */
export type OpenedLink =
  | { readonly state: 'unknown' | 'settled' | 'expired' }
  | {
      readonly state: 'open'
      readonly link: AnswerLink
      readonly principal: Principal
      readonly prompt: Prompt
      readonly snapshot: TaskSnapshot
    }

/**
 * Checks that the caller may have links made for this user: themselves, or anybody for an administrator. The links are
 * delivered to the subscription's URL, so that whoever reads there answers in the user's name. Refuses `role_forbidden`
 * and `invalid_input`.
 */
export async function grantAnswerLinks(
  { store }: Pick<EngineDeps, 'store'>,
  principal: Principal,
  userId: string,
): Promise<AnswerLinks> {
  if (userId !== principal.userId && !may(principal, 'administer')) {
    throw new Refusal('role_forbidden', 'Only an administrator has answer links made for somebody else.')
  }
  if ((await store.readUser(userId)) === undefined) {
    const fields = [{ field: 'answer_links.user_id', message: 'must be the id of a user' }]
    throw new Refusal('invalid_input', 'answer_links names no user of this server.', { fields })
  }
  return { userId, grantedRole: principal.role, grantedKeyId: principal.keyId }
}

/**
 * Whether the subscription is that of somebody who asked for the run, which under a policy with four eyes decides nothing:
 * a link that it is sent, whomever it names, would be theirs to use.
 */
export function isClosedByFourEyes(ownerId: string, { kind }: Prompt, { task, run }: TaskSnapshot): boolean {
  if (run.config.fourEyes !== true || kind === 'question') return false
  return ownerId === run.config.principal.user || ownerId === task.submitter.userId
}

/**
 * Makes a link to an open prompt and stores its hash. Answers undefined, and stores nothing, where the prompt is settled or
 * its time is over, where the policy closes links, and where the user may not answer.
 */
export async function mintAnswerLink(
  deps: EngineDeps,
  answerLinks: AnswerLinks,
  prompt: Prompt,
  snapshot: TaskSnapshot,
): Promise<MintedLink | undefined> {
  const now = deps.clock.now()
  const expiresAt = Math.min(prompt.expiresAt ?? Infinity, now + deps.limits.answer_link_hours * hourMs)
  if (prompt.state !== 'open' || expiresAt <= now) return undefined
  if (!(await policyAllows(deps, prompt))) return undefined
  if ((await responderOf(deps, answerLinks, prompt, snapshot)) === undefined) return undefined
  const token = randomBytes(32).toString('base64url')
  const { userId, grantedRole, grantedKeyId } = answerLinks
  const link = {
    tokenHash: hashOf(token),
    prompt: prompt.id,
    userId,
    grantedRole,
    grantedKeyId,
    expiresAt,
    usedAt: null,
  }
  await deps.store.commit({ write: [{ kind: 'add_answer_link', link }] })
  return { url: `${deps.webhooks.publicUrl()}/answer/${token}`, expiresAt }
}

/**
 * Opens a link by its token. A link that was used, or whose prompt was settled in any way, is `settled`. A link whose user
 * may not answer any more is `unknown`, like one that never was.
 */
export async function openAnswerLink(deps: EngineDeps, token: string): Promise<OpenedLink> {
  const link = await deps.store.readAnswerLink(hashOf(token))
  const prompt = await deps.store.readPrompt(link?.prompt ?? '')
  const snapshot = await deps.store.readSnapshot(prompt?.taskId ?? '')
  if (link === undefined || prompt === undefined || snapshot === undefined) return { state: 'unknown' }
  if (link.usedAt !== null || prompt.state !== 'open') return { state: 'settled' }
  if (link.expiresAt <= deps.clock.now()) return { state: 'expired' }
  const principal = await responderOf(deps, link, prompt, snapshot)
  if (principal === undefined || !(await policyAllows(deps, prompt))) return { state: 'unknown' }
  return { state: 'open', link, principal, prompt, snapshot }
}

async function policyAllows({ store }: Pick<EngineDeps, 'store'>, { runId }: Prompt): Promise<boolean> {
  const policy = (await store.readRun(runId))?.config.policy
  const version = policy && (await store.readPolicy(policy.digest))
  if (version === undefined) return false
  const { answer_links, name } = version.document
  return answer_links === undefined ? !closedPolicies.has(name) : answer_links === 'allow'
}

/**
 * The user as the caller of an answer, with rights that one of their valid keys has and that the granting key could have
 * given. Undefined where these do not let them answer. A user who never had a key comes with tokens, which are an
 * operator's.
 */
async function responderOf(
  { store }: Pick<EngineDeps, 'store'>,
  { userId, grantedRole, grantedKeyId }: AnswerLinks,
  prompt: Prompt,
  snapshot: TaskSnapshot,
): Promise<Principal | undefined> {
  const user = await store.readUser(userId)
  const granting = grantedKeyId === null ? undefined : await store.readKey(grantedKeyId)
  if (user === undefined || (grantedKeyId !== null && granting?.revokedAt !== null)) return undefined
  const keys = await store.listKeys(userId, { limit: keysMax })
  const held: { role: Role; agentId: string | null }[] = keys.filter(({ revokedAt }) => revokedAt === null)
  if (keys.length === 0) held.push({ role: 'operator', agentId: null })
  if ((await store.readSetting('admin_user')) === userId) held.push({ role: 'admin', agentId: null })
  const grantable = grantableRoles({ role: grantedRole })
  return held
    .filter(({ role }) => grantable.includes(role))
    .map(
      ({ role, agentId }): Principal => ({
        userId,
        teamId: user.teamId,
        role,
        dialect: 'native',
        agentId,
        keyId: null,
      }),
    )
    .find((principal) => mayAnswer(principal, prompt, snapshot))
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
