// The edge of the process: configuration, server, signals, exit code.
import { keepCompiledCode } from './compile-cache.ts';

const OLDEST_NODE = 24;
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `Coderoom could not start. It needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(1);
}
keepCompiledCode();
const [{ readConfig }, { openLog }, { openServer }] = await Promise.all([
  import('./config.ts'),
  import('./observe/log.ts'),
  import('./server.ts'),
]);

/** Milliseconds for a drain; a process manager usually kills after 30 s. */
const DRAIN_MS = 25_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = openLog(config.LOG_LEVEL);
  const server = await openServer(config, log);
  const address = await server.listen();
  process.stdout.write(`Coderoom is ready: open ${address}\n`);

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    server.close().then(
      (saved) => process.exit(saved ? 0 : 1),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Coderoom could not start. ${message}\n`);
  process.exit(1);
});
