// Languages that run by this machine's own interpreters, where an operator has turned them on by name.
import type { Language } from '../languages/catalog.ts';

export interface LocalLanguage extends Language {
  /** The interpreter, as it is called on a command line; the entry follows its arguments. */
  readonly program: string;
  readonly args: readonly string[];
  /** What it is asked for to see that it works. */
  readonly version: string;
}

const of = (
  id: string,
  name: string,
  more: Partial<LocalLanguage> & Pick<LocalLanguage, 'extensions'>,
): LocalLanguage => ({ id, name, program: id, args: [], version: '--version', ...more });

export const LOCAL_LANGUAGES: readonly LocalLanguage[] = [
  of('python3', 'Python of this machine', { extensions: ['.py'], args: ['-u', '-B'] }),
  of('node', 'Node.js of this machine', { extensions: ['.js', '.mjs', '.cjs'] }),
  of('ruby', 'Ruby', { extensions: ['.rb'] }),
  of('php', 'PHP', { extensions: ['.php'] }),
  of('perl', 'Perl', { extensions: ['.pl'] }),
  of('lua', 'Lua', { extensions: ['.lua'], version: '-v' }),
  of('bash', 'Bash', { extensions: ['.sh'] }),
];
