import { readFileSync } from 'node:fs'

// What Linux reports to programs, whatever the kernel's own timer is.
const ticksPerSecond = 100

/** CPU time used so far by a process, all its threads and both user and kernel, in milliseconds (10 ms steps). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in parentheses and may hold blanks: count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [utime, stime] = [Number(fields[11]), Number(fields[12])]
  return ((utime + stime) * 1000) / ticksPerSecond
}

/** Resident memory of a process in MiB. */
export function rssMib(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (line === null) throw new Error(`process ${pid} shows no VmRSS`)
  return Number(line[1]) / 1024
}

export const totalOf = (pids: readonly number[], read: (pid: number) => number): number =>
  pids.reduce((sum, pid) => sum + read(pid), 0)

/** Bytes that a process, all its threads, has had written to disk so far (in whole pages, as the kernel counts). */
export function writtenBytes(pid: number): number {
  const line = /^write_bytes: (\d+)$/mu.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))
  if (line === null) throw new Error(`process ${pid} shows no write_bytes`)
  return Number(line[1])
}
