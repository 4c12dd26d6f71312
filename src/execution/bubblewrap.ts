// The strictest way to keep a sandbox apart: bubblewrap with a seccomp filter. The child sees its own code and the
// system's libraries, read-only, and nothing else: no other process, no network, no user but its own.
import { existsSync } from 'node:fs';
import type { Duplex } from 'node:stream';

/** What the child has to see. */
export interface BoxContents {
  readonly bwrap: string;
  readonly execPath: string;
  readonly folders: readonly string[];
}

/** Where Linux systems keep shared libraries; those that there are. */
const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache'];

/** Where bwrap finds the filter, and where it tells the id of the process inside; `launch` opens them. */
export const FILTER_FD = 4;
export const INFO_FD = 5;

/** The command line up to the program itself. */
export function boxCommand({ bwrap, execPath, folders }: BoxContents): string[] {
  const seen = [...LIBRARIES, execPath, ...folders].filter((path) => existsSync(path));
  // Its own first process, without another to look after it: the filter may forbid what that would need.
  const apart = '--unshare-all --as-pid-1 --die-with-parent --new-session --cap-drop ALL --clearenv';
  const options = `--proc /proc --dev /dev --chdir / ${apart} --seccomp ${FILTER_FD} --info-fd ${INFO_FD} --`;
  return [bwrap, ...seen.flatMap((path) => ['--ro-bind', path, path]), ...options.split(' ')];
}

const INFO_CHARS = 1000; // a line or two of JSON

/** The id, outside, of the process inside; undefined when bwrap ends without telling. */
export function readInnerPid(info: Duplex): Promise<number | undefined> {
  let text = '';
  const pid = (): number | undefined => {
    const found = /"child-pid"\s*:\s*(\d+)/.exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  return new Promise((resolve) => {
    info.on('error', () => {}); // closed follows
    info.on('close', () => resolve(pid()));
    // Read to its end: bwrap writes in pieces, and would die of a pipe that is closed between them.
    info.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('latin1')).slice(0, INFO_CHARS);
      const found = pid();
      if (found !== undefined) resolve(found);
    });
  });
}
