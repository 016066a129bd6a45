import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readTextFile } from '../../src/read-file.ts';
import { temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const at = (name: string): string => `${folder.path}/${name}`;

describe('a regular file', () => {
  it('is read whole, without the byte order mark', async () => {
    expect(await readTextFile(folder.write('text', '\ufeff示例\n'), 10)).toBe('示例\n');
  });

  it('may be as long as allowed, and not longer', async () => {
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

  it('whose length is not known is read nevertheless', async () => {
    expect(await readTextFile('/proc/self/comm', 100)).not.toBe('');
  });
});

describe('a pipe', () => {
  function pipe(name: string): string {
    execFileSync('mkfifo', [at(name)]);
    return at(name);
  }

  it('is refused where only regular files are meant', async () => {
    await expect(readTextFile(pipe('refused'), 10)).rejects.toThrow('it is not a regular file');
  });

  it('is read to its end, also when it is opened for writing later', async () => {
    const path = pipe('later');
    const read = readTextFile(path, 100, { pipeTimeout: 60_000 });
    const file = await open(path, 'w');
    await file.write('one ');
    await file.write('two');
    await file.close();
    expect(await read).toBe('one two');
  });

  it('must not hold more than allowed', async () => {
    const path = pipe('longer');
    const refused = expect(readTextFile(path, 3, { pipeTimeout: 60_000 })).rejects.toThrow(
      'it is longer than',
    );
    const file = await open(path, 'w');
    await file.write('four');
    await refused;
    await file.close();
  });

  it.each([
    ['that is not written', false],
    ['that is not closed', true],
  ])('%s is given up', async (_, isWritten) => {
    const path = pipe(`silent ${isWritten}`);
    const file = isWritten ? await open(path, 'r+') : undefined;
    await file?.write('half');
    await expect(readTextFile(path, 100, { pipeTimeout: 200 })).rejects.toThrow('it can be read only once');
    await file?.close();
  });
});
