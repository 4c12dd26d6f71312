// Which of a room's files a program in Python may need, judged by its text. Pure: the server looks before the run, and
// gives those to it. One too many does no harm, so comments and branches that are never taken count as well.

/** A file that imports, and where its program looks for modules. */
export interface PythonFile {
  readonly path: string;
  readonly text: string;
  /** Path of the program: modules are looked for in its folder, then from the top of the room. */
  readonly entry: string;
}

/** `import a.b, c as d` up to the end of its line. */
const IMPORT = /^[ \t]{0,200}import[ \t]{1,200}([^\n#;]{1,1000})/gm;
/**
 * `from ..a.b import c, d` with its names, in brackets or up to the end of the line. The server reads texts that people
 * made for this: what stands next is looked at ahead, so that there is one way only to share out a run of spaces or dots;
 * and every run has a longest length, because each of its characters can take stack.
 */
const FROM =
  /^[ \t]{0,200}from[ \t]{1,200}(?=[.\w])(\.{0,200})(?:[ \t]{1,200}(?=\w))?((?:\w[\w.]{0,1000})?)[ \t]{1,200}import[ \t]{0,200}(?:\(([^()]{0,5000})\)|([^\n#;]{0,1000}))/gm;
/** Parts of a module's name and its folder that are looked at: files of a room lie no deeper. */
const MOST_PARTS = 32;
/** Any text that could name a file or a module: `open('data.csv')`, `import_module('plugin')`. */
const TEXT = /(["'])([^"'\n\\]{1,200})\1/g;

/**
 * Paths that are looked up for one file, in some 50 ms: each of many names of a module of many parts is looked for in every
 * part, so that a text of half a megabyte could ask for thirty million.
 */
const MOST_LOOKED_UP = 300_000;

/**
 * What is named after `MOST_LOOKED_UP` paths were looked up is not there for the program.
 * @param has whether the room has a file of that path; they may begin with a slash
 */
export function pythonFiles(file: PythonFile, has: (path: string) => boolean): string[] {
  const found = new Set<string>();
  let left = MOST_LOOKED_UP;
  const add = (path: string): void => {
    for (const one of [path, `/${path}`]) if (left-- > 0 && has(one)) found.add(one);
  };
  const folders = [...new Set([folderOf(file.entry), ''])];
  const addModule = (folder: string, name: string): void => {
    const parts = [...(folder === '' ? [] : folder.split('/')), ...name.split('.', MOST_PARTS).filter(Boolean)];
    let path = '';
    for (const part of parts.slice(0, MOST_PARTS)) {
      path += path === '' ? part : `/${part}`;
      add(`${path}/__init__.py`);
      add(`${path}.py`);
    }
  };
  for (const [level, name, names] of modulesOf(file.text)) {
    const places = level === 0 ? folders : [above(folderOf(file.path), level - 1)];
    for (const place of places) {
      addModule(place, name);
      for (const one of names) addModule(place, `${name}.${one}`);
    }
    if (left <= 0) return [...found];
  }
  const texts = new Set<string>();
  for (const [, , text = ''] of file.text.matchAll(TEXT)) {
    if (left <= 0) break;
    if (texts.has(text)) continue;
    texts.add(text);
    for (const folder of folders) {
      add(joined(folder, text));
      if (/^\w+(\.\w+)*$/.test(text)) addModule(folder, text);
    }
  }
  return [...found];
}

/** What import statements name: how many folders up (0: none, an absolute name), the module, and names in it. */
function* modulesOf(text: string): Generator<readonly [level: number, name: string, names: readonly string[]]> {
  const lines = text.replace(/\\\r?\n/g, ' ');
  for (const [, list = ''] of lines.matchAll(IMPORT)) for (const name of namesIn(list)) yield [0, name, []];
  for (const [, dots = '', name = '', bracketed, listed] of lines.matchAll(FROM)) {
    yield [dots.length, name, namesIn((bracketed ?? listed ?? '').replace(/#[^\n]*/g, ''))];
  }
}

/** `a as b, c` gives a and c. */
function namesIn(list: string): string[] {
  return list.split(',').flatMap((one) => /^\s*([\w.]+)/.exec(one)?.[1] ?? []);
}

function folderOf(path: string): string {
  return path.replace(/^\/+/, '').split('/').slice(0, -1).join('/');
}

function above(folder: string, levels: number): string {
  const parts = folder.split('/');
  return parts.slice(0, Math.max(0, parts.length - levels)).join('/');
}

function joined(folder: string, path: string): string {
  const parts = path.startsWith('/') ? [] : folder.split('/').filter((part) => part !== '');
  for (const part of path.replace(/^\/room\//, '').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
