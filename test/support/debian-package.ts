// Programs that the tests need and the machine may not have: unpacked from Debian's packages into a cache folder, which
// installs nothing and starts nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What is needed: `file` is the path in the package; `variable` names one that says where the program is. */
export interface Wanted {
  readonly file: string;
  readonly packages: readonly string[];
  readonly variable: string;
}

/**
 * The path of a program: what the variable says, the system's, or one unpacked into the cache.
 * @throws Error that says what to install
 */
export function programPath({ file, packages, variable }: Wanted): string {
  const own = process.env[variable];
  if (own !== undefined && own !== '') return own;
  if (existsSync(`/${file}`)) return `/${file}`;
  const cache = path.join(tmpdir(), 'coderoom-test-programs', packages.join('+'));
  if (!existsSync(path.join(cache, file))) unpack(packages, cache);
  if (existsSync(path.join(cache, file))) return path.join(cache, file);
  throw new Error(`These tests need ${file}: install ${packages[0]}, or set ${variable} to its path.`);
}

/** Unpacked beside the cache and moved there: several test files may do this at once. */
function unpack(packages: readonly string[], cache: string): void {
  mkdirSync(path.dirname(cache), { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(`${cache}-`);
  const run = (command: string, ...args: string[]): Buffer =>
    execFileSync(command, args, { cwd: folder, timeout: 120_000, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    try {
      run('apt-get', 'download', ...packages);
    } catch {
      run('apt-get', 'update');
      run('apt-get', 'download', ...packages);
    }
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.deb'))) run('dpkg', '-x', name, '.');
    run('chmod', '755', '.');
    if (!existsSync(cache)) renameSync(folder, cache);
  } catch {
    // the caller says what is missing
  }
}
