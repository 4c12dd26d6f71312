// What only a browser says.

/** The window, in a browser: it says when the network is back, long before the next attempt is due. */
export const browserEvents = globalThis as Partial<Record<'addEventListener' | 'removeEventListener', NetworkListener>>;
type NetworkListener = (name: 'online', listener: () => void) => void;
