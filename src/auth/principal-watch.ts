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
  readonly principal: Principal
  readonly watchers: Set<Watcher>
  cancel: () => void
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
    const { token } = group.principal
    const ms = token === undefined ? checkedMs : Math.min(checkedMs, Math.max(0, token.expiresAt - clock.now()))
    group.cancel = clock.after(ms, () => {
      void check(group).then(() => {
        if (group.watchers.size > 0) plan(group)
      })
    })
  }
  return {
    watch(principal, watcher) {
      const name = nameOf(principal)
      const group = groups.get(name) ?? { principal, watchers: new Set(), cancel: () => undefined }
      const first = group.watchers.size === 0
      groups.set(name, group)
      group.watchers.add(watcher)
      if (first) plan(group)
      return () => {
        group.watchers.delete(watcher)
        if (group.watchers.size > 0 || groups.get(name) !== group) return
        groups.delete(name)
        group.cancel()
      }
    },
    recheck() {
      for (const group of groups.values()) void check(group)
    },
  }
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

/** A watcher stays in its group until it is released, but is told once only. */
function end(group: Group, watcher: Watcher, why: Refusal): void {
  if (group.watchers.delete(watcher)) watcher.onEnd(why)
}

function noLongerValid(): Refusal {
  return new Refusal('unauthenticated', 'The key is not valid any more.')
}

function changed(): Refusal {
  return new Refusal('unauthenticated', 'What this key may do has changed. Connect again.')
}
