// The content of one document: merged bytes and the updates since (the tail), with what they contain. A Y.Doc is built
// only when somebody needs the text or a difference, brought up to date lazily, and dropped when the document rests.
//
// Invariant: an update is only taken in when everything it builds on is there, so no Y.Doc ever has pending structs.
import * as Y from 'yjs';
import { TEXT_NAME } from '../protocol/constants.ts';
import { AppError } from '../protocol/errors.ts';
import { DocumentContents, decodeStateVector } from './document-contents.ts';
import { LIMITS } from './limits.ts';
import { type Layout, layoutOf, mergeLayouts } from './linear-merge.ts';
import { MergedState } from './merged-state.ts';
import { textEdits } from './text-edit.ts';
import { sharedPiecesOf } from './update-pieces.ts';
import { readDeletes, type Section, type UpdateShape, walkUpdate } from './update-walk.ts';

/** An edit of the server's own, and the structs that it brings. */
export interface OwnEdit {
  readonly shape: UpdateShape;
  readonly fresh: readonly Section[];
}

export class DocumentState {
  #base: MergedState;
  #tail: Uint8Array[] = [];
  /** Of the large ones in the tail. */
  readonly #layouts = new Map<Uint8Array, Layout>();
  #bytes: number;
  #doc: Y.Doc | undefined;
  /** How many updates of the tail the Y.Doc has. */
  #applied = 0;
  /** Answers until the next update: everything, and what somebody with a state vector (as latin1 text) lacks. */
  #full: Uint8Array | undefined;
  readonly #differences = new Map<string, Uint8Array>();
  /** Of the large ones among them. */
  readonly #pieces = new Map<Uint8Array, Iterable<Uint8Array>>();
  /** The id of the server's own edits, the same for as long as the document is in memory. */
  #ownClient: number | undefined;
  readonly #clientId: () => number;
  readonly #contents = new DocumentContents(() => this.#allDeletes());

  /**
   * @param base merged bytes, as stored; trusted, they were walked when they came in
   * @param clientId gives the Yjs client id for edits of the server's own
   */
  constructor(base: Uint8Array, clientId: () => number = randomClientId) {
    this.#bytes = base.length;
    this.#clientId = clientId;
    const shape = walkUpdate(base);
    this.#base = new MergedState(base, shape);
    this.#contents.note(shape);
  }

  /** Bytes held: merged state and tail. */
  get bytes(): number {
    return this.#bytes;
  }

  get tailLength(): number {
    return this.#tail.length;
  }

  /**
   * Takes an update in.
   * @returns false when it brings nothing that is not there already
   * @throws AppError `malformed_update` (broken, or built on what is not there: details has the state vector),
   *   `too_large`
   */
  take(update: Uint8Array): boolean {
    const shape = this.examine(update);
    if (shape) this.add(update, shape);
    return shape !== undefined;
  }

  /**
   * What an update is made of, when it may be taken in; changes nothing.
   * @returns undefined when it brings nothing that is not there already
   * @throws AppError as `take`
   */
  examine(update: Uint8Array): UpdateShape | undefined {
    if (update.length > LIMITS.updateBytes) throw tooLarge('update', LIMITS.updateBytes);
    const shape = walkUpdate(update);
    this.#contents.check(shape);
    if (this.#contents.has(shape)) return undefined;
    if (this.#bytes + update.length > LIMITS.documentBytes) throw tooLarge('document', LIMITS.documentBytes);
    return shape;
  }

  /** The sections of an update that bring something new. */
  fresh({ sections }: UpdateShape): Section[] {
    return sections.filter(({ client, end }) => end > this.#contents.clock(client));
  }

  /** The clocks of which somebody with this state vector has more. @throws AppError `invalid_input` */
  ahead(stateVector: Uint8Array): Map<number, number> {
    return new Map([...decodeStateVector(stateVector)].filter(([client, end]) => end > this.#contents.clock(client)));
  }

  /**
   * Takes in what the log has. The limits held when it came; a tail that has not been merged for long may be over them
   * together, and must not keep the document from being opened.
   * @param shape what it is made of, where somebody has looked
   * @throws AppError `malformed_update`
   */
  restore(update: Uint8Array, shape = walkUpdate(update)): UpdateShape {
    this.#contents.check(shape);
    if (!this.#contents.has(shape)) this.add(update, shape);
    return shape;
  }

  /** Takes in what `examine` has let through. */
  add(update: Uint8Array, shape: UpdateShape): void {
    this.#tail.push(update);
    if (update.length >= LIMITS.layoutKeptFrom) this.#layouts.set(update, layoutOf(shape));
    this.#bytes += update.length;
    this.#forgetAnswers();
    this.#contents.note(shape);
  }

  /** The encoded state vector: what is there. */
  stateVector(): Uint8Array {
    return this.#contents.stateVector();
  }

  /**
   * Everything, or what somebody with the given state vector lacks, as one update. Answered from the bytes, without a
   * Y.Doc, and kept for the next who asks the same.
   * @throws AppError `invalid_input` when the state vector cannot be read
   */
  difference(stateVector?: Uint8Array): Uint8Array {
    if (!stateVector || stateVector.length <= 1) return this.#everything();
    const key = Buffer.from(stateVector.buffer, stateVector.byteOffset, stateVector.length).toString('latin1');
    const known = this.#differences.get(key);
    if (known) return known;
    const has = decodeStateVector(stateVector);
    // Sections go out whole: of the base, which may be long, none may be among them.
    const covered = this.#base.sections.every(({ client, end }) => (has.get(client) ?? 0) >= end);
    const merged = covered ? this.#merged(has) : undefined;
    const answer = merged ?? Y.diffUpdate(this.#everything(), Y.encodeStateVector(has));
    if (this.#differences.size >= LIMITS.differencesKept) this.#forgetDifferences();
    this.#differences.set(key, answer);
    return answer;
  }

  /** As `difference`, in pieces if it is large. */
  pieces(stateVector?: Uint8Array): Iterable<Uint8Array> {
    const whole = this.difference(stateVector);
    if (whole.length <= LIMITS.wholeBytes) return [whole];
    const pieces = this.#pieces.get(whole) ?? sharedPiecesOf(whole);
    this.#pieces.set(whole, pieces);
    return pieces;
  }

  /** The updates it consists of, the merged state first; they are never changed. */
  parts(): readonly Uint8Array[] {
    return [this.#base.update, ...this.#tail];
  }

  text(): string {
    return this.#current().getText(TEXT_NAME).toString();
  }

  /**
   * Changes the text to the given one, touching nothing but what differs.
   * @returns what did it, already taken in; undefined when the text is the same
   */
  replaceText(content: string): OwnEdit | undefined {
    const doc = this.#current();
    const text = doc.getText(TEXT_NAME);
    const edits = textEdits(text.toString(), content);
    if (edits.length === 0) return undefined;
    let update: Uint8Array | undefined;
    const keep = (bytes: Uint8Array): void => {
      update = bytes;
    };
    // Yjs takes another id when it meets its own in an update; the edits of one life have one.
    this.#ownClient ??= this.#clientId();
    doc.clientID = this.#ownClient;
    doc.on('update', keep);
    doc.transact(() => {
      // From the end, so that places before stay what they are.
      for (const { at, remove, insert } of edits.toReversed()) {
        text.delete(at, remove);
        text.insert(at, insert);
      }
    });
    doc.off('update', keep);
    if (!update) return undefined;
    try {
      const shape = this.examine(update);
      if (!shape) return undefined;
      const fresh = this.fresh(shape);
      this.add(update, shape);
      return { shape, fresh };
    } catch (error) {
      // The Y.Doc has what is refused.
      this.release();
      throw error;
    }
  }

  /**
   * Puts a merge in the place of what was merged; what came meanwhile stays the tail.
   * @param merged the merge of the first parts
   * @param count how many updates of the tail are in it
   */
  adopt(merged: Uint8Array, count: number): void {
    this.#base = new MergedState(merged, walkUpdate(merged));
    for (const update of this.#tail.splice(0, count)) this.#layouts.delete(update);
    this.#bytes = this.#tail.reduce((sum, update) => sum + update.length, merged.length);
    this.release();
  }

  /** Lets go of the Y.Doc and of what can be made again, so that holding the document costs its bytes. */
  release(): void {
    this.#forgetAnswers();
    this.#contents.release();
    this.#doc?.destroy();
    this.#doc = undefined;
    this.#applied = 0;
  }

  /** Keeps the merged bytes compressed until somebody needs them. */
  pack(): Promise<void> {
    return this.#base.pack();
  }

  #everything(): Uint8Array {
    // A Y.Doc that is there anyway gives fewer bytes: it forgets the text of what was deleted.
    this.#full ??= (this.#doc ? undefined : this.#merged()) ?? Y.encodeStateAsUpdate(this.#current());
    return this.#full;
  }

  /** By bytes alone; undefined where an update was resent with more. */
  #merged(has?: ReadonlyMap<number, number>): Uint8Array | undefined {
    if (!has && this.#tail.length === 0) return this.#base.update;
    return mergeLayouts(this.#allLayouts(), has);
  }

  #forgetAnswers(): void {
    this.#full = undefined;
    this.#forgetDifferences();
  }

  #forgetDifferences(): void {
    this.#differences.clear();
    this.#pieces.clear();
  }

  #current(): Y.Doc {
    if (!this.#doc) {
      this.#doc = new Y.Doc({ gc: true });
      Y.applyUpdate(this.#doc, this.#base.update);
      this.#applied = 0;
    }
    const doc = this.#doc;
    if (this.#applied < this.#tail.length) {
      const from = this.#applied;
      this.#applied = this.#tail.length;
      doc.transact(() => {
        for (let i = from; i < this.#tail.length; i++) Y.applyUpdate(doc, this.#tail[i] as Uint8Array);
      });
    }
    return doc;
  }

  #allDeletes(): (readonly number[])[] {
    return this.#allLayouts().map(({ update, deletesFrom }) => readDeletes(update, deletesFrom));
  }

  #allLayouts(): Layout[] {
    return [this.#base, ...this.#tail.map((update) => this.#layouts.get(update) ?? walkUpdate(update))];
  }
}

const randomClientId = (): number => crypto.getRandomValues(new Uint32Array(1))[0] as number;

function tooLarge(what: string, limit: number): AppError {
  return new AppError('too_large', `The ${what} would be larger than ${limit} bytes.`, { limit });
}
