// A tar archive (POSIX ustar with GNU long names) of a few text files: what `tar x` of every image reads.

const BLOCK = 512;
const NAME_BYTES = 100;

/** @param files path and text; absolute paths are made relative, `..` stays out */
export function packTar(files: readonly (readonly [path: string, text: string])[]): Buffer {
  const parts = files.flatMap(([path, text]) => {
    const name = path
      .split('/')
      .filter((part) => part !== '' && part !== '.' && part !== '..')
      .join('/');
    const long = Buffer.byteLength(name) > NAME_BYTES ? [entry('././@LongLink', Buffer.from(`${name}\0`), 'L')] : [];
    return [...long, entry(name, Buffer.from(text), '0')];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function entry(name: string, body: Buffer, type: string): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, NAME_BYTES);
  header.write('0000644\0', 100);
  header.write('0177776\0', 108); // nobody
  header.write('0177776\0', 116);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148); // the sum is made with spaces in its place
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)]);
}
