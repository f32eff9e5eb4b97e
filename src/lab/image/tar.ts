/** A file for {@link tarArchive}. */
export interface TarFile {
  /** Path in the archive: relative, ASCII, at most 100 bytes. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Permission bits, for example 0o755. */
  readonly mode: number;
}

const BLOCK = 512;

/** A ustar archive of these files, in this order, all owned by root and dated 1970: the same files give the same bytes. */
export function tarArchive(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap((file) => [header(file), padded(file.content)]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(file: TarFile): Buffer {
  if (Buffer.byteLength(file.path) > 100) throw new RangeError(`path too long for a ustar header: ${file.path}`);
  const block = Buffer.alloc(BLOCK);
  block.write(file.path, 0, "latin1");
  writeOctal(block, file.mode, { at: 100, length: 8 });
  writeOctal(block, 0, { at: 108, length: 8 });
  writeOctal(block, 0, { at: 116, length: 8 });
  writeOctal(block, file.content.byteLength, { at: 124, length: 12 });
  writeOctal(block, 0, { at: 136, length: 12 });
  block.write("0", 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  // The checksum is taken with its own field filled with spaces.
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function writeOctal(block: Buffer, value: number, field: { at: number; length: number }): void {
  block.write(value.toString(8).padStart(field.length - 1, "0"), field.at, "latin1");
}

function padded(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.byteLength % BLOCK)) % BLOCK)]);
}
