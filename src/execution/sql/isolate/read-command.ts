// `.read other.sql`: which file it means. The server looks for them too, so that a run has the files it reads.

const READ = /^\.read[ \t]+([^ \t\n\r].*)$/gm;

/** What stands after each `.read` of a text; one inside a comment only brings a file that is not used. */
export function readNames(text: string): string[] {
  return Array.from(text.matchAll(READ), ([, rest]) => unquoted(withoutEnd(rest!)));
}

/** By hand: a pattern with spaces on both sides of the semicolon takes ages for a long run of them. */
function withoutEnd(rest: string): string {
  const name = rest.trimEnd();
  return name.endsWith(';') ? name.slice(0, -1).trimEnd() : name;
}

/** A name without its quotes. */
export function unquoted(name: string): string {
  return /^(["']).*\1$/.test(name) ? name.slice(1, -1) : name;
}

/** The path that a name means: beside the file that has it, else from the root of the room. */
export function pathOfRead(name: string, reader: string, has: (path: string) => boolean): string | undefined {
  const beside = joined(reader.split('/').slice(0, -1), name);
  return [beside, joined([], name)].flatMap((path) => [path, `/${path}`]).find(has);
}

function joined(folder: readonly string[], name: string): string {
  const parts = name.startsWith('/') ? [] : folder.filter((part) => part !== '');
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
