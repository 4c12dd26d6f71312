// Standard input, read line by line. All of it is known when the run starts.

/** Makes `prompt(message?)` and `readline()`: the next line without its end, `null` when there is none left. */
export function makeInput(
  read: () => string,
  print: (text: string) => void,
): { prompt(message?: unknown): string | null; readline(): string | null } {
  let text: string | undefined;
  let at = 0;
  const readline = (): string | null => {
    text ??= read();
    if (at >= text.length) return null;
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end);
    at = end < 0 ? text.length : end + 1;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  return {
    readline,
    prompt(message) {
      if (message !== undefined) print(String(message as string));
      return readline();
    },
  };
}
