// Starts owner-process.ts and listens to it.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

export interface Owner {
  readonly child: ChildProcess;
  /** Process id of its PostgreSQL; undefined when it was refused. */
  readonly postgres: number | undefined;
  readonly said: string;
  /** Ends the process as if the machine had, and resolves when it has gone. */
  kill(): Promise<void>;
}

/** Starts a process that opens the database of a folder; resolves when it has it, or was refused. */
export async function startOwner(dataDir: string): Promise<Owner> {
  const script = path.join(import.meta.dirname, 'owner-process.ts');
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = await new Promise<string>((resolve) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.endsWith('\n')) resolve(text.trim());
    });
    child.once('exit', () => resolve(text));
  });
  const postgres = /^open (\d+)/.exec(said)?.[1];
  return {
    child,
    said,
    postgres: postgres === undefined ? undefined : Number(postgres),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
