import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock/clock.ts'
import type { Principal } from '../domain/principal.ts'
import { isRefusal, Refusal } from '../domain/refusal.ts'

/** How often the credential of an open stream is looked up again, so that what another process revokes ends it within 5 s too. */
const checkedMs = 2_000

export interface PrincipalWatchDeps {
  readonly clock: Clock
  /** The caller as they are now; refuses `unauthenticated` where their credential is good no more. */
  readonly refresh: (principal: Principal) => Promise<Principal>
}

export interface Watcher {
  /** Called once, with what whoever is served is to be told. */
  readonly onEnd: (why: Refusal) => void
  /** What else must still hold for this caller; refuses `unauthenticated` where it does not. */
  readonly stillMay?: ((principal: Principal) => Promise<unknown>) | undefined
}

/**
 * Knows who is served for longer than one answer in this process, and tells when the credential was revoked or has expired,
 * or when its user may do something else than before. What this process changes is noticed at once (`recheck`); what others
 * change, and the expiry of tokens, by the clock. All that is open for one credential costs one look-up.
 */
export interface PrincipalWatch {
  /** Watches until the function that it answers with is called. */
  watch(principal: Principal, watcher: Watcher): () => void
  /** Looks everybody up again now. */
  recheck(): void
}

interface Group {
  readonly name: string
  readonly principal: Principal
  readonly watchers: Set<Watcher>
  cancelCheck: () => void
  /** Of a token, which ends at an instant that is known. */
  cancelExpiry: () => void
}

export function createPrincipalWatch({ clock, refresh }: PrincipalWatchDeps): PrincipalWatch {
  const groups = new Map<string, Group>()

  const check = async (group: Group): Promise<void> => {
    try {
      const now = await refresh(group.principal)
      if (!isDeepStrictEqual(now, group.principal)) return endAll(group, changed())
      for (const watcher of group.watchers) await checkOne(group, watcher, now)
    } catch (error) {
      // A store that cannot be read tells nothing of the key; the next look will.
      if (isRefusal(error, 'unauthenticated')) endAll(group, noLongerValid())
    }
  }
  const plan = (group: Group): void => {
    group.cancelCheck = clock.after(checkedMs, () => {
      void check(group).then(() => {
        if (groups.get(group.name) === group) plan(group)
      })
    })
  }
  const begin = (group: Group): void => {
    plan(group)
    const { token } = group.principal
    if (token === undefined) return
    group.cancelExpiry = clock.after(token.expiresAt - clock.now(), () => endAll(group, noLongerValid()))
  }
  return {
    watch(principal, watcher) {
      const name = nameOf(principal)
      const group = groups.get(name) ?? newGroup(name, principal)
      group.watchers.add(watcher)
      if (!groups.has(name)) begin(group)
      groups.set(name, group)
      return () => {
        group.watchers.delete(watcher)
        if (group.watchers.size > 0 || groups.get(name) !== group) return
        groups.delete(name)
        group.cancelCheck()
        group.cancelExpiry()
      }
    },
    recheck() {
      for (const group of groups.values()) void check(group)
    },
  }
}

function newGroup(name: string, principal: Principal): Group {
  return { name, principal, watchers: new Set(), cancelCheck: () => undefined, cancelExpiry: () => undefined }
}

function nameOf({ keyId, userId, teamId, role, dialect, agentId, token }: Principal): string {
  return JSON.stringify([keyId, userId, teamId, role, dialect, agentId, token?.expiresAt])
}

async function checkOne(group: Group, watcher: Watcher, principal: Principal): Promise<void> {
  try {
    await watcher.stillMay?.(principal)
  } catch (error) {
    if (isRefusal(error, 'unauthenticated')) end(group, watcher, noLongerValid())
  }
}

function endAll(group: Group, why: Refusal): void {
  for (const watcher of group.watchers) end(group, watcher, why)
}

/** Told once only; whoever was told is watched no longer. */
function end(group: Group, watcher: Watcher, why: Refusal): void {
  if (group.watchers.delete(watcher)) watcher.onEnd(why)
}

function noLongerValid(): Refusal {
  return new Refusal('unauthenticated', 'The key or token is not valid any more.')
}

function changed(): Refusal {
  return new Refusal('unauthenticated', 'What this key may do has changed. Connect again.')
}
