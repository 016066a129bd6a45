import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readTextFile } from '../../src/read-file.ts';
import { temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const at = (name: string): string => `${folder.path}/${name}`;

describe('a regular file', () => {
  it('is read without the byte order mark', async () => {
    expect(await readTextFile(folder.write('text', '\ufeff示例\n'), 10)).toBe('示例\n');
  });

  it('is read up to the maximum length', async () => {
    const path = folder.write('long', 'x'.repeat(1024));
    expect(await readTextFile(path, 1024)).toHaveLength(1024);
    await expect(readTextFile(path, 1023)).rejects.toThrow('it is longer than');
  });

  it.each([
    ['missing', 'it does not exist'],
    ['text/below', 'it does not exist'],
    ['.', 'it is a directory'],
    ['latin1', 'it is not UTF-8 text'],
    ['/dev/zero', 'it is not a regular file'],
  ])('%s is refused', async (name, message) => {
    folder.write('text', '');
    writeFileSync(at('latin1'), Buffer.from('Zürich', 'latin1'));
    await expect(readTextFile(name.startsWith('/') ? name : at(name), 10)).rejects.toThrow(message);
  });

  it('is read also if its size is unknown', async () => {
    expect(await readTextFile('/proc/self/comm', 100)).not.toBe('');
  });
});

describe('a pipe', () => {
  function pipe(name: string): string {
    execFileSync('mkfifo', [at(name)]);
    return at(name);
  }

  it('is read to its end', async () => {
    const path = pipe('whole');
    const read = readTextFile(path, 100, { pipeTimeout: 60_000 });
    const file = await open(path, 'w');
    await file.write('one ');
    await file.write('two');
    await file.close();
    expect(await read).toBe('one two');
  });

  it.each([
    ['is not written', '', 'it can be read only once'],
    ['is not closed', 'half', 'it can be read only once'],
    ['is too long', 'more than ten bytes', 'it is longer than'],
  ])('that %s is refused', async (title, text, message) => {
    const path = pipe(title);
    const file = text === '' ? undefined : await open(path, 'r+');
    await file?.write(text);
    await expect(readTextFile(path, 10, { pipeTimeout: 200 })).rejects.toThrow(message);
    await file?.close();
  });
});
