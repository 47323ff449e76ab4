// The bin. `serve` is looked at first and alone: a server that starts need not load the command line's parser.
if (process.argv[2] === 'serve' && process.argv.length === 3) {
  const { serve } = await import('./serve.ts')
  await serve(process.env)
} else {
  const { runCli } = await import('../cli/run-cli.ts')
  const { offlineCommands } = await import('./offline-commands.ts')
  process.exitCode = await runCli(process.argv.slice(2), offlineCommands)
}
