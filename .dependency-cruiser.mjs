// Who may import whom: the second half of ARCHITECTURE.md, executed. `npm run lint` fails on any breach.
const names = 'store|dispatch|wakeup|live|blob|model|tool|sandbox|signer|clock'
const seam = `(?:${names})`
const rule = (name, from, to) => ({ name, severity: 'error', from, to })
export default {
  forbidden: [
    rule('no-cycles', {}, { circular: true }),
    rule(
      'domain-imports-only-itself', // node: and npm packages too
      { path: '^src/domain/', pathNot: '[.]test[.]ts$' },
      { pathNot: '^src/domain/' },
    ),
    rule(
      'seam-root-imports-domain-only',
      { path: `^src/${seam}/[^/]+$`, pathNot: '[.](test|conformance)[.]ts$' },
      { path: '^src/', pathNot: ['^src/(domain|proof)/', `^src/${seam}/[^/]+$`] },
    ),
    rule(
      'implementation-imports-own-seam',
      { path: `^src/(${names})/[^/]+/`, pathNot: '[.]conformance[.]ts$' },
      { path: '^src/', pathNot: ['^src/(domain|proof)/', '^src/$1/[^/]+$', `^src/${seam}/[^/]+/`] },
    ),
    rule(
      'implementation-not-sibling',
      { path: `^src/(${names})/([^/]+)/`, pathNot: '[.](test|conformance)[.]ts$' },
      { path: `^src/${seam}/[^/]+/`, pathNot: '^src/$1/$2/' },
    ),
    rule(
      'implementations-only-in-main',
      { path: '^src/', pathNot: [`^src/${seam}/`, '^src/main/', '[.]test[.]ts$'] },
      { path: `^src/${seam}/[^/]+/` },
    ),
    rule(
      'proof-imports-domain-only',
      { path: '^src/proof/', pathNot: '[.]test[.]ts$' },
      { path: '^src/', pathNot: '^src/(domain|proof)/' },
    ),
    rule(
      'data-folder-imports-domain-and-proof-only',
      { path: '^src/data-folder/', pathNot: '[.]test[.]ts$' },
      { path: '^src/', pathNot: '^src/(data-folder|domain|proof)/' },
    ),
    rule(
      'data-folder-only-in-main',
      { path: '^src/', pathNot: ['^src/(data-folder|main)/', '[.]test[.]ts$'] },
      { path: '^src/data-folder/' },
    ),
    rule(
      'worker-pool-imports-domain-only',
      { path: '^src/worker-pool/', pathNot: '[.]test[.]ts$' },
      { path: '^src/', pathNot: '^src/(worker-pool|domain)/' },
    ),
    rule('guard-below-runner', { path: '^src/guard/' }, { path: '^src/(runner|engine|auth|api|client|cli)/' }),
    rule('journal-below-runner', { path: '^src/journal/' }, { path: '^src/(guard|runner|engine|auth|api|client|cli)/' }),
    rule('runner-below-engine', { path: '^src/runner/' }, { path: '^src/(engine|auth|api|client|cli)/' }),
    rule('engine-below-auth', { path: '^src/engine/' }, { path: '^src/(auth|api|client|cli)/' }),
    rule('auth-below-api', { path: '^src/auth/' }, { path: '^src/(api|client|cli)/' }),
    rule(
      'dialect-imports-neither-sibling-nor-native', // what they share is in src/api/edge
      { path: '^src/api/dialects/([^/]+)/' },
      { path: '^src/api/(dialects/[^/]+|native)/', pathNot: '^src/api/dialects/$1/' },
    ),
    rule(
      'edge-imports-no-dialect',
      { path: '^src/api/(edge|stream|openapi|connection|audit-pdf)/' },
      { path: '^src/api/(dialects|native)/' },
    ),
    rule(
      'client-imports-the-contract-only',
      { path: '^src/client/', pathNot: '[.]test[.]ts$' },
      { path: '^src/', pathNot: ['^src/client/', '^src/api/[^/]+/contract/', '^src/domain/'] },
    ),
    rule(
      'cli-uses-client-and-proof',
      { path: '^src/cli/', pathNot: '[.]test[.]ts$' },
      { path: '^src/', pathNot: ['^src/(cli|client|proof|domain)/', '^src/api/[^/]+/contract/'] },
    ),
    rule('nobody-imports-main', { pathNot: '^src/main/' }, { path: '^src/main/' }),
    rule(
      'no-dev-packages',
      { path: '^src/', pathNot: '[.](test|conformance)[.]ts$' },
      { dependencyTypes: ['npm-dev'] },
    ),
    rule('resolvable', {}, { couldNotResolve: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
