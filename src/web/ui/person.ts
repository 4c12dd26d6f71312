// A palette index as a class of tokens.css.
import { COLOR_COUNT } from '../../protocol/constants.ts';

export function personClass(color: number): string {
  const index = Number.isInteger(color) ? ((color % COLOR_COUNT) + COLOR_COUNT) % COLOR_COUNT : 0;
  return `person-${index}`;
}
