// A letter, and the port to what carries it.

export interface Letter {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

/** What takes one letter to where it goes; rejects when it could not. */
export interface Carrier {
  carry(letter: Letter): Promise<void>;
  close(): void;
}
