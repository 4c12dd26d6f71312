// The box that a local program runs in: bubblewrap with the system's programs read-only, a small folder in memory to write
// to, no network, no other process; its rlimits, its user and the filter of system calls.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { readInnerPid } from '../bubblewrap.ts';
import { NOBODY, systemTool } from '../launch.ts';
import { seccompFilter } from '../seccomp.ts';

const MB = 1024 * 1024;

/** What bounds a local program besides the limits of its run. */
export const LOCAL_LIMITS = {
  /** Processes and threads at once: interpreters start some of their own. */
  processes: 64,
  /** Writable memory of one process, in bytes: V8 reserves half a gigabyte; what is really used is watched. */
  dataBytes: 1024 * MB,
  /** The folder of the program, in bytes; what lies there is memory. */
  workBytes: 64 * MB,
  /** /tmp and /dev/shm each, in bytes. */
  tmpBytes: 16 * MB,
  openFiles: 256,
} as const;

/** What is to run: paths of `files` are below the program's folder. */
export interface BoxedProgram {
  readonly command: readonly string[];
  readonly files: readonly (readonly [path: string, text: string])[];
  readonly env: Readonly<Record<string, string>>;
  /** CPU time of one process, in ms. */
  readonly cpuMs: number;
  /** Processes and threads that the box's user has already: the system counts all of them. */
  readonly others: number;
}

export interface BoxTools {
  readonly bwrap: string;
}

export interface Boxed {
  readonly child: ChildProcess;
  /** The id of the first process inside, as seen from here; undefined when the box could not be made. */
  readonly inside: Promise<number | undefined>;
}

/** The user that a box has. */
export function boxUser(): number {
  return process.getuid?.() === 0 ? NOBODY : (process.getuid?.() ?? NOBODY);
}

/** Descriptors that bubblewrap reads: its arguments, the filter; writes: the id of the process inside; then the files. */
const ARGS_FD = 3;
const FILTER_FD = 4;
const INFO_FD = 5;
const FILES_FD = 6;

/** Starts a program in a box. Throws nothing: a box that cannot be made ends at once. */
export function startBoxed(program: BoxedProgram, { bwrap }: BoxTools): Boxed {
  const [command = '', ...args] = [...outside(program), bwrap, '--args', `${ARGS_FD}`, '--', ...program.command];
  const pipes = Array.from({ length: FILES_FD + program.files.length }, () => 'pipe' as const);
  const child = spawn(command, args, { cwd: '/', env: {}, detached: true, stdio: pipes });
  child.on('error', () => {}); // `close` follows, and no id
  const ends: readonly unknown[] = child.stdio; // its type knows five
  const give = (fd: number, data: string | Buffer): void => {
    const pipe = ends[fd] as Duplex;
    pipe.on('error', () => {}); // it has ended; its exit says more
    pipe.end(data);
  };
  give(ARGS_FD, `${boxArguments(program).join('\0')}\0`);
  give(FILTER_FD, seccompFilter(process.arch) ?? '');
  program.files.forEach(([, text], index) => {
    give(FILES_FD + index, text);
  });
  child.stdin?.on('error', () => {});
  return { child, inside: readInnerPid(ends[INFO_FD] as Duplex) };
}

/** What stands before bubblewrap: rlimits, then the user, without privileges. */
function outside({ cpuMs, others }: BoxedProgram): string[] {
  const { processes, dataBytes, workBytes, openFiles } = LOCAL_LIMITS;
  const rlimits = [
    `--nproc=${others + processes}`,
    `--data=${dataBytes}`,
    `--fsize=${workBytes}`,
    '--core=0',
    `--nofile=${openFiles}`,
    `--cpu=${Math.ceil(cpuMs / 1000) + 1}`,
  ];
  const user =
    process.getuid?.() === 0
      ? ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups', '--bounding-set', '-all']
      : [];
  const bare = ['--pdeathsig', 'KILL', '--no-new-privs', '--inh-caps', '-all'];
  return [systemTool('prlimit')!, ...rlimits, '--', systemTool('setpriv')!, ...bare, ...user, '--'];
}

/** Given through a pipe: variables stand on no command line. */
function boxArguments({ files, env }: BoxedProgram): string[] {
  const { workBytes, tmpBytes } = LOCAL_LIMITS;
  const tmpfs = (path: string, bytes: number): string => `--size ${bytes} --tmpfs ${path}`;
  const variables = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...env, HOME: '/work' };
  const apart = '--unshare-all --die-with-parent --new-session --cap-drop ALL --clearenv';
  const watched = `--seccomp ${FILTER_FD} --info-fd ${INFO_FD}`;
  const devices = `--proc /proc --dev /dev ${tmpfs('/dev/shm', tmpBytes)} --remount-ro /dev`;
  const folders = `${tmpfs('/tmp', tmpBytes)} ${tmpfs('/work', workBytes)}`;
  return [
    ...`${apart} ${watched}`.split(' '),
    ...systemFolders(),
    ...`${devices} ${folders}`.split(' '),
    ...files.flatMap(([path], index) => ['--file', `${FILES_FD + index}`, `/work/${path}`]),
    ...'--remount-ro / --chdir /work'.split(' '),
    ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
}

/** Programs and libraries, as the system has them; of its settings only those that programs are found by. */
function systemFolders(): string[] {
  const folders = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc/alternatives', '/etc/ld.so.cache'];
  return folders
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      const isLink = lstatSync(path).isSymbolicLink();
      return isLink ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
    });
}
