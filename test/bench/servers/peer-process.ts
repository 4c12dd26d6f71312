// Shared by the start scripts of the servers: packages out of the peer's own folder, the ready line, memory on demand.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
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

/** Says that connections are taken, answers SIGUSR2 with the memory after a collection, and ends in order on SIGINT. */
export function ready(): void {
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    globalThis.gc?.();
    process.stdout.write(`MEMORY ${JSON.stringify(process.memoryUsage())}\n`);
  });
  // Ending in order lets --cpu-prof write its file.
  process.on('SIGINT', () => process.exit(0));
  process.stdout.write('READY\n');
}
