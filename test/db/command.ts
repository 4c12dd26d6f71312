// An operator's command for the database, in a process of its own.
import { spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number | null;
  /** What it said, and what it complained of. */
  readonly said: string;
  readonly complained: string;
}

/** @param settings DATABASE_URL or DATA_DIR */
export async function databaseCommand(settings: Record<string, string>, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['src/database-command.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complained] = [child.stdout, child.stderr].map(async (stream) => {
    let text = '';
    for await (const piece of stream) text += String(piece);
    return text;
  }) as [Promise<string>, Promise<string>];
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said: await said, complained: await complained };
}
