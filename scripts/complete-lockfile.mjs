// npm leaves out of the lockfile those platform packages that the registry does not carry, and `npm ci` then refuses the
// lockfile. This adds them (exact version and platform, no integrity). Run it after each `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const systems = ['android', 'darwin', 'freebsd', 'linux', 'win32', 'openharmony', 'netbsd', 'openbsd', 'sunos', 'aix']
const cpus = ['arm64', 'arm', 'ia32', 'x64', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32']
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const target = `node_modules/${name}`
    if (lock.packages[target] || lock.packages[`${path}/${target}`] || !/^\d+\.\d+\.\d+\S*$/.test(version)) continue
    const words = name.split(/[-/@]/)
    const os = systems.find((system) => words.includes(system))
    const cpu = cpus.find((candidate) => words.includes(candidate))
    if (os === undefined || cpu === undefined) throw new Error(`no platform in the name of ${name}; add it by hand`)
    const musl = words.some((word) => word.startsWith('musl'))
    const gnu = os === 'linux' && words.some((word) => word.startsWith('gnu'))
    lock.packages[target] = {
      version,
      cpu: [cpu],
      ...(entry.dev && { dev: true }),
      ...((musl || gnu) && { libc: [musl ? 'musl' : 'glibc'] }),
      optional: true,
      os: [os],
    }
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
