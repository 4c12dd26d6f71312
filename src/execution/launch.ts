// How a sandbox process is started: the command line, its user, its rlimits. From the strictest way to the plainest.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { boxCommand, FILTER_FD, INFO_FD, readInnerPid } from './bubblewrap.ts';
import { childProgram } from './child-program.ts';
import type { GuestKind } from './guest.ts';
import { AT_ONCE, DATA_GROWTH_BYTES, SANDBOX_NICE } from './limits.ts';
import { seccompFilter } from './seccomp.ts';

/** One way to start a child, and what it gives: the weaker way has every property of none stronger. */
export interface LaunchPlan {
  /** `no-network`: a network namespace without any address. `other-user`: nobody, else our own without privileges. */
  readonly name: 'bubblewrap' | 'other-user-no-network' | 'other-user' | 'no-network' | 'no-privileges' | 'plain';
  readonly command: string;
  readonly args: readonly string[];
  /** The user the child has, where it is not ours. */
  readonly uid?: number;
  /** The filter of system calls, where bubblewrap starts the child. */
  readonly filter?: Buffer;
}

/** The user `nobody`: owns no file and may signal nobody. */
export const NOBODY = 65534;

/** Open files a child needs, with room; it can open none by itself. */
const OPEN_FILES = 128;

/** Programs that a child is started with. */
export interface LaunchTools {
  /** The Node.js binary. */
  readonly execPath: string;
  /** bubblewrap, where it is not the system's. */
  readonly bwrap?: string;
  /** What the child runs; scripts when left out. */
  readonly kind?: GuestKind;
  /** More folders that it has to read. */
  readonly folders?: readonly string[];
}

/** Why there is no plan with bubblewrap; undefined when there is one. */
export function whyNoBox({ bwrap }: LaunchTools): string | undefined {
  const path = bwrap ?? systemTool('bwrap');
  if (path === undefined || !existsSync(path)) return 'bubblewrap is not installed';
  if (seccompFilter(process.arch) === undefined) return `no filter of system calls for ${process.arch}`;
  return systemTool('setpriv') === undefined ? 'setpriv is not installed' : undefined;
}

/** The ways to start a child on this machine, the strictest first. Which of them works is found out by starting one. */
export function launchPlans(tools: LaunchTools): readonly LaunchPlan[] {
  const folders = [...codeFolders(), ...(tools.folders ?? [])];
  const plain = [tools.execPath, ...nodeFlags(folders), childProgram(), tools.kind ?? 'script'];
  const setpriv = systemTool('setpriv');
  const unshare = systemTool('unshare');
  const root = process.getuid?.() === 0;
  const plans: [LaunchPlan['name'], string[], (number | undefined)?][] = [];
  if (setpriv !== undefined) {
    const bare = [
      '--pdeathsig',
      'KILL',
      '--no-new-privs',
      '--inh-caps',
      '-all',
      ...(root ? ['--bounding-set', '-all'] : []),
    ];
    const nobody = ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'];
    const own = [setpriv, ...bare, '--', ...plain];
    const other = [setpriv, ...nobody, ...bare, '--', ...plain];
    // Without a fork: the child keeps the process id that we watch and kill.
    const apart = unshare === undefined ? undefined : [unshare, ...(root ? [] : ['--user']), '--net', '--ipc', '--'];
    if (whyNoBox(tools) === undefined) {
      const bwrap = tools.bwrap ?? systemTool('bwrap')!;
      const box = [...boxCommand({ bwrap, execPath: tools.execPath, folders }), ...plain];
      plans.push(['bubblewrap', [setpriv, ...(root ? nobody : []), ...bare, '--', ...box], root ? NOBODY : undefined]);
    }
    if (root && apart !== undefined) plans.push(['other-user-no-network', [...apart, ...other], NOBODY]);
    if (root) plans.push(['other-user', other, NOBODY]);
    if (apart !== undefined) plans.push(['no-network', [...apart, ...own]]);
    plans.push(['no-privileges', own]);
  }
  plans.push(['plain', plain]);
  return plans.map(([name, [command = '', ...args], uid]) => ({
    name,
    command,
    args,
    ...(uid === undefined ? {} : { uid }),
    ...(name === 'bubblewrap' ? { filter: seccompFilter(process.arch)! } : {}),
  }));
}

/** The path of one of the system's programs; undefined when it is not installed. */
export function systemTool(name: string): string | undefined {
  return ['/usr/bin', '/bin'].map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** The permission model: no files but its own code, no processes, no workers. It knows no network. */
function nodeFlags(folders: readonly string[]): string[] {
  return [
    '--permission',
    '--allow-addons',
    ...folders.map((folder) => `--allow-fs-read=${folder}`),
    '--allow-fs-read=/etc/alpine-release', // node-gyp-build asks whether it exists
    '--no-node-snapshot', // isolated-vm asks for this
    '--v8-pool-size=1',
    // V8 holds a lock of its WebAssembly engine while it lets go of the isolates that it asks to collect code; is one the
    // last to hold an isolate of isolated-vm, its destructor waits for that lock, for ever. So it never asks.
    '--no-wasm-code-gc',
    '--no-warnings',
  ];
}

/** Where the code of the child is, by every name it goes by. */
function codeFolders(): string[] {
  const isolatedVm = createRequire(import.meta.url).resolve('isolated-vm');
  const loader = createRequire(isolatedVm).resolve('node-gyp-build');
  const sqlJs = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm-browser.wasm');
  const seen = [childProgram(), isolatedVm, loader, sqlJs].flatMap((file) => [file, realpathSync(file)]);
  return [
    ...new Set([...seen.map((file) => `${dirname(file)}/`), ...installedAt('isolated-vm'), ...installedAt('sql.js')]),
  ];
}

/** Where a package is looked for from here, when that is a link to somewhere else. */
function installedAt(name: string): string[] {
  const found = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return found.map((folder) => `${folder}/${name}/`).filter((folder) => existsSync(folder));
}

/**
 * Starts a child: no environment, fd 3 is the pipe, stderr is for the reason when it does not start.
 * `file`, where there is one, is its fd 6. `atOnce`: somebody waits for it, so it does without its warm-up.
 * A session of its own: Ctrl-C in the server's terminal must reach the server only, which then drains.
 */
export function launch(plan: LaunchPlan, { file, atOnce = false }: { file?: number; atOnce?: boolean }): Launched {
  const boxed = plan.filter === undefined ? (['ignore', 'ignore'] as const) : (['pipe', 'pipe'] as const); // FILTER_FD, INFO_FD
  const child = spawn(plan.command, [...plan.args, ...(atOnce ? [AT_ONCE] : [])], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', ...boxed, ...(file === undefined ? [] : [file])],
  });
  if (plan.filter === undefined || child.pid === undefined) return { child, worker: Promise.resolve(child.pid) };
  const pipes: readonly unknown[] = child.stdio; // its type knows five
  const filter = pipes[FILTER_FD] as Duplex;
  filter.on('error', () => {}); // it has ended; its exit says more
  filter.end(plan.filter);
  return { child, worker: readInnerPid(pipes[INFO_FD] as Duplex) };
}

/** A child, and the id of the process that does the work: its own, or that of the one inside bubblewrap. */
export interface Launched {
  readonly child: ChildProcess;
  readonly worker: Promise<number | undefined>;
}

/** Makes the server's own work go first. Not worth failing for. */
export function lowerPriority(pid: number): void {
  try {
    setPriority(pid, Math.min(SANDBOX_NICE, constants.priority.PRIORITY_LOW));
  } catch {
    // the process has ended, or the system does not let us
  }
}

/**
 * Clamps a process that is ready. Answers whether that worked.
 * RLIMIT_DATA counts from what it has now: V8 aborts at start under any lower value.
 */
export async function clampMemory(pid: number, plan: LaunchPlan): Promise<boolean> {
  const prlimit = systemTool('prlimit');
  const now = dataBytes(pid);
  if (prlimit === undefined || now === undefined) return false;
  const args = [`--pid=${pid}`, `--data=${now + DATA_GROWTH_BYTES}`, '--core=0', '--fsize=0', `--nofile=${OPEN_FILES}`];
  // Root without CAP_SYS_RESOURCE may not do this to another user's process, that user may.
  const user = plan.uid === undefined ? {} : { uid: plan.uid, gid: plan.uid };
  return new Promise((resolve) => {
    execFile(prlimit, args, { ...user, env: {}, timeout: 5000 }, (error) => resolve(error === null));
  });
}

function dataBytes(pid: number): number | undefined {
  try {
    const kb = /^VmData:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? undefined : Number(kb) * 1024;
  } catch {
    return undefined;
  }
}
