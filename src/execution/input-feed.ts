// The input of one run on the child's side: what has come and was not read, and who is told that a program waits for it.

/** Who is told. */
export interface InputPorts {
  /** The program waits, having had `seen` pieces of input that came while it ran. */
  wanted(seen: number): void;
  /** More has come for a program whose timers go on meanwhile. */
  feed(): void;
}

/** Holds text for the isolate, whose thread it may also have to wake. */
export class InputFeed {
  /** Pieces that came; shared with the isolate, which stands still at it while it waits. */
  readonly pieces = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #text = '';
  #ended = true;
  #ports: InputPorts | undefined;
  #wanted: 0 | 1 | 2 = 0;

  /** Ties it to a run; `ended` when nothing comes besides `text`. */
  begin(text: string, ended: boolean, ports: InputPorts): void {
    this.#text = text;
    this.#ended = ended;
    this.#ports = ports;
  }

  /** Whether a program waits that does not stand still: it is not at its end. */
  get awaited(): boolean {
    return this.#wanted === 2;
  }

  /** For the isolate: text, or whether more may come. */
  read(): string | boolean {
    const text = this.#text;
    this.#text = '';
    return text === '' ? !this.#ended : text;
  }

  /** For the isolate, which may lie: the server has deadlines of its own. */
  want(how: unknown): void {
    this.#wanted = how === 1 || how === 2 ? how : 0;
    if (this.#wanted !== 0 && this.#text === '' && !this.#ended) this.#ports?.wanted(Atomics.load(this.pieces, 0));
  }

  /** More has come. */
  add(text: string, end: boolean): void {
    this.#text += text;
    this.#ended ||= end;
    Atomics.add(this.pieces, 0, 1);
    Atomics.notify(this.pieces, 0);
    if (this.#wanted === 2) this.#ports?.feed();
  }
}
