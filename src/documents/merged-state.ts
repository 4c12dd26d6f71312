// The merged bytes of a document, compressed while it rests: an open document that nobody edits or joins then takes a
// few per cent of its Y.Doc.
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib';
import { LIMITS } from './limits.ts';
import type { Layout } from './linear-merge.ts';
import type { Section, UpdateShape } from './update-walk.ts';

const compress = promisify(zstdCompress);
/** A tenth smaller than the usual 3 for 4 ms more of a thread, for 300 KB; beyond it hardly anything is gained. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 6 } };

export class MergedState implements Layout {
  readonly length: number;
  readonly sections: readonly Section[];
  readonly deletesFrom: number;
  #update: Uint8Array | undefined;
  #packed: Buffer | undefined;

  constructor(update: Uint8Array, { sections, deletesFrom }: Pick<UpdateShape, 'sections' | 'deletesFrom'>) {
    this.length = update.length;
    this.sections = sections;
    this.deletesFrom = deletesFrom;
    this.#update = update;
  }

  /** The bytes; unpacked when they are asked for, and kept so until the next rest. */
  get update(): Uint8Array {
    this.#update ??= new Uint8Array(zstdDecompressSync(this.#packed as Buffer));
    return this.#update;
  }

  /** Lets go of the bytes and keeps them compressed; small ones stay as they are. */
  async pack(): Promise<void> {
    if (this.length < LIMITS.packedFrom || !this.#update) return;
    this.#packed ??= await compress(this.#update, LEVEL);
    this.#update = undefined;
  }
}
