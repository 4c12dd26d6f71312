// A Redis of its own for a test: the system's, or one unpacked from Debian's packages.
import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import { programPath } from './debian-package.ts';
import { until } from './until.ts';

const PACKAGES = ['redis-tools', 'redis-server', 'libjemalloc2', 'liblzf1', 'libatomic1'];
const FILE = 'usr/bin/redis-server';

export interface TestRedis {
  readonly url: string;
  /** Kills it. */
  stop(): Promise<void>;
  /** Starts it again at the same port, with nothing in it. */
  start(): Promise<void>;
}

export async function openRedis(): Promise<TestRedis> {
  const program = programPath({ file: FILE, packages: PACKAGES, variable: 'TEST_REDIS' });
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = spawn(
      program,
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      {
        stdio: 'ignore',
        env: { LD_LIBRARY_PATH: librariesOf(program) },
      },
    );
    child = started;
    await until(() => answers(port), { what: 'Redis' });
  };
  // A test run that is ended takes it along.
  process.once('exit', () => child?.kill('SIGKILL'));
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    async stop() {
      const ending = child;
      child = undefined;
      if (!ending) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGKILL');
      await ended;
    },
  };
}

/** Beside an unpacked program; nowhere for the system's. */
function librariesOf(program: string): string {
  const root = program.slice(0, -FILE.length);
  return ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((machine) => path.join(root, 'usr/lib', machine)).join(':');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}
