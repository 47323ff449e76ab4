import { settingNames } from '../../domain/setting-names.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { coverLog, type LogHeadDeps } from './log-keeper.ts'

const { newLogWanted } = settingNames

/**
 * Opens the log that statements go to from now on: the one that grows, or a new one at the first start and after a restore
 * (the installation that was backed up may go on with the old one). The old log gets a last head, so that what was committed
 * just before the backup can be proven too: every later head of that installation extends it. It is called before anything
 * else is signed.
 */
export async function openLog(deps: LogHeadDeps & Pick<EngineDeps, 'randomness'>): Promise<string> {
  const { store, clock, randomness } = deps
  const isNewLogWanted = (await store.readSetting(newLogWanted)) === '1'
  const log = await store.readLog()
  if (log !== undefined && !isNewLogWanted) return log.logId
  if (log !== undefined && log.size > 0) await coverLog(deps, log.logId)
  const logId = randomness.newId()
  const answered = isNewLogWanted ? [{ kind: 'put_setting' as const, name: newLogWanted, value: '0' }] : []
  await store.commit({ write: [{ kind: 'start_log', logId, at: clock.now() }, ...answered] })
  return logId
}
