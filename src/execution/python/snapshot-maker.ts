// A program: makes the snapshot of a started Python. `node snapshot-maker.ts FILE` writes it beside and renames it.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { makeSnapshot } from './python-isolate.ts';
import { packSnapshot } from './snapshot-format.ts';

const [, , file = ''] = process.argv;
const draft = `${file}.${process.pid}`;
try {
  writeFileSync(draft, packSnapshot(new Uint8Array(await makeSnapshot())), { mode: 0o644 });
  renameSync(draft, file);
} finally {
  rmSync(draft, { force: true });
}
process.kill(process.pid, 'SIGKILL'); // leaving takes V8 a while, and what it would free is the system's to free
