// JavaScript needs no translation. The two shapes here are what every translator in this folder gives back.

/** A place in a file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Text that V8 can compile. `origin` leads from a place in it back to the user's file, where they differ. */
export interface Translated {
  readonly code: string;
  readonly origin?: (place: Place) => Place;
}

/** Gives the text back as it is. */
export function translateJavaScript(text: string): Translated {
  return { code: text };
}
