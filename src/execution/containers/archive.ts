// The files of a run as a tar archive, which `tar x` of every image reads.
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

const NOBODY = 65534;

/** @param files path and text; absolute paths are made relative, `..` stays out */
export function packFiles(files: readonly (readonly [path: string, text: string])[]): Promise<Buffer> {
  const archive = pack();
  const header = { mode: 0o644, uid: NOBODY, gid: NOBODY, mtime: new Date(0) };
  for (const [path, text] of files) archive.entry({ ...header, name: nameIn(path) }, text);
  archive.finalize();
  return buffer(archive);
}

function nameIn(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');
}
