// Runs the layer rules. dependency-cruiser ends with 0 when it understood no file, so what it saw is compared with the disk.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

const onDisk = readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts')).length
let report
try {
  report = execFileSync('depcruise', ['src'], { encoding: 'utf8' })
} catch (error) {
  console.error(error.stdout)
  process.exit(1)
}
const seen = Number(/(\d+) modules/.exec(report)?.[1] ?? 0)
if (seen < onDisk) {
  console.error(`${report}\nOnly ${seen} of ${onDisk} files were seen.`)
  process.exit(1)
}
