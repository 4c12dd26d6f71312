// Values of the contract that the page needs as well; no zod here, so that the page stays small.

/** The name of the Y.Text that holds a file’s text. */
export const TEXT_NAME = 'content';

/** How many colours people are given; the page has the palette. */
export const COLOR_COUNT = 12;
