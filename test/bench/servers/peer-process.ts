// Shared by the start scripts of the servers: packages out of the peer's own folder, the ready line, memory on demand.
import fs from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

export const port = Number(process.env['PORT']);
/** The folder with the peer's node_modules. */
const folder = process.env['PEER_DIR'] ?? '';
const require = createRequire(path.join(folder, 'package.json'));

/** A package as CommonJS gives it. */
export const required = (name: string): any => require(name);

/** A package as an ES module gives it: its `exports` are read here, because the import is made from another folder. */
export function imported(name: string): Promise<any> {
  const parts = name.split('/');
  const owner = parts.slice(0, name.startsWith('@') ? 2 : 1).join('/');
  const root = path.join(folder, 'node_modules', owner);
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  let entry: unknown = manifest.exports?.[`.${name.slice(owner.length)}`] ?? manifest.exports ?? manifest.main;
  while (typeof entry === 'object' && entry !== null) {
    const kinds = entry as Record<string, unknown>;
    entry = kinds['node'] ?? kinds['import'] ?? kinds['module'] ?? kinds['default'];
  }
  return import(pathToFileURL(path.join(root, String(entry))).href);
}

const COLLECTIONS = 5;

/** Says that connections are taken. SIGUSR2 asks for the memory after a collection, SIGHUP begins and ends a profile. */
export function ready(): void {
  const answer = (text: string): boolean => process.stdout.write(`ANSWER ${text}\n`);
  process.on('SIGUSR2', async () => {
    // What a collection finds dead may hold more that only the next one finds; buffers are let go of in between.
    for (let i = 0; i < COLLECTIONS; i++) {
      globalThis.gc?.();
      await delay(10);
    }
    answer(JSON.stringify(process.memoryUsage()));
  });
  let session: Session | undefined;
  process.on('SIGHUP', async () => {
    if (session) {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      session = undefined;
      answer(JSON.stringify(profile));
      return;
    }
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    answer('begun');
  });
  process.stdout.write('READY\n');
}
