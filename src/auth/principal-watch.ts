import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock/clock.ts'
import type { Principal } from '../domain/principal.ts'
import { isRefusal, Refusal } from '../domain/refusal.ts'

/**
 * The interval at which the credential of an open stream is read again, so that a revocation by another process also
 * ends it within 5 seconds.
 */
const checkedMs = 2_000

/** The dependencies of the watch. */
export interface PrincipalWatchDeps {
  readonly clock: Clock
  /** Reads the caller again. Refuses `unauthenticated` where the credential is no longer valid. */
  readonly refresh: (principal: Principal) => Promise<Principal>
}

/** A connection that is watched. */
export interface Watcher {
  /** Called once with the reason that the client is to be given. */
  readonly onEnd: (why: Refusal) => void
  /** A further condition for this caller. It refuses `unauthenticated` where it no longer holds. */
  readonly stillMay?: ((principal: Principal) => Promise<unknown>) | undefined
}

/**
 * Watches the callers that this process serves for longer than one response, and ends their connections when the
 * credential is revoked or expires, or when the user's rights change. Changes by this process are noticed at once
 * (`recheck`); changes by others, and the expiry of tokens, by the clock. All connections of one credential cost one
 * look-up.
 */
export interface PrincipalWatch {
  /** Watches until the returned function is called. */
  watch(principal: Principal, watcher: Watcher): () => void
  /** Reads every watched caller again now. */
  recheck(): void
}

interface Group {
  readonly name: string
  readonly principal: Principal
  readonly watchers: Set<Watcher>
  cancelCheck: () => void
  /** Cancels the timer for the expiry of a token. */
  cancelExpiry: () => void
}

/** Creates the watch. It starts no timer before the first caller is watched. */
export function createPrincipalWatch({ clock, refresh }: PrincipalWatchDeps): PrincipalWatch {
  const groups = new Map<string, Group>()

  const check = async (group: Group): Promise<void> => {
    try {
      const now = await refresh(group.principal)
      if (!isDeepStrictEqual(now, group.principal)) return endAll(group, changed())
      for (const watcher of group.watchers) await checkOne(group, watcher, now)
    } catch (error) {
      // A store that cannot be read says nothing about the key. The next check will.
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

/** Ends one watcher. It is called once and no longer watched. */
function end(group: Group, watcher: Watcher, why: Refusal): void {
  if (group.watchers.delete(watcher)) watcher.onEnd(why)
}

function noLongerValid(): Refusal {
  return new Refusal('unauthenticated', 'The key or token is not valid any more.')
}

function changed(): Refusal {
  return new Refusal('unauthenticated', 'What this key may do has changed. Connect again.')
}
