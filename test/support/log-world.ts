import type { ServerDeps } from '../../src/engine/server-deps.ts'
import { createLogKeeper, type LogKeeperSignals } from '../../src/engine/services/log-keeper.ts'
import { openLog } from '../../src/engine/services/open-log.ts'
import { bytesOfBase64 } from '../../src/proof/base64.ts'
import { verifyHead } from '../../src/proof/tree-head.ts'
import { createEngineWorld, type EngineWorldOptions } from './create-engine-world.ts'
import { createTestSigningKeys } from './test-signing-keys.ts'

/** The engine with keys that can be rotated and a log whose heads are signed once its keeper is started. */
export async function createLogWorld(options: EngineWorldOptions = {}, signals: LogKeeperSignals = {}) {
  const world = await createEngineWorld(options)
  const signingKeys = createTestSigningKeys()
  const notary = {
    logId: await openLog({ ...world.deps, keyring: signingKeys.keyring }),
    keyring: signingKeys.keyring,
  }
  // The dispatcher holds the world's own dependencies.
  const deps: ServerDeps = Object.assign(world.deps, { signingKeys, notary })
  Object.assign(deps, { logKeeper: createLogKeeper(deps, signals) })
  const publicKeyOf = (keyId: string) => {
    const key = signingKeys.keyring.keys.find(({ key_id }) => key_id === keyId)
    return key && bytesOfBase64(key.public_key)
  }
  return {
    ...world,
    deps,
    publicKeyOf,
    /** A head as a stranger reads it: its own signed text, and nothing else. */
    openHead({ envelope }: { readonly envelope: string }) {
      const head = verifyHead(envelope, publicKeyOf)
      if ('problem' in head) throw new Error(head.problem)
      return head
    },
  }
}

export type LogWorld = Awaited<ReturnType<typeof createLogWorld>>
