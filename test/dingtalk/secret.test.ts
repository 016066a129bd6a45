import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSecret } from '../../src/dingtalk/secret.ts';

describe('readSecret', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const read = (name: string): Promise<string> => readSecret({ kind: 'file', path: at(name) });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'secret-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('takes white space off, inline and from a file', async () => {
    writeFileSync(at('secret'), '\uFEFF \n hush hush\r\n');
    expect(await readSecret({ kind: 'inline', value: ' hush\n' })).toBe('hush');
    expect(await read('secret')).toBe('hush hush');
  });

  it('reads the file anew each time', async () => {
    writeFileSync(at('rotated'), 'old');
    expect(await read('rotated')).toBe('old');
    writeFileSync(at('rotated'), 'new');
    expect(await read('rotated')).toBe('new');
  });

  it('reads up to 64 KiB, through links', async () => {
    writeFileSync(at('large'), 'x'.repeat(64 * 1024));
    symlinkSync('large', at('link'));
    expect(await read('link')).toHaveLength(64 * 1024);
  });

  it('tells what is wrong with a file, and never what is in it', async () => {
    writeFileSync(at('empty'), ' \n');
    writeFileSync(at('long'), 'hush'.repeat(16 * 1024 + 1));
    writeFileSync(at('latin1'), Buffer.from('hush\xff', 'latin1'));
    writeFileSync(at('lines'), 'hush\nhush\n');
    writeFileSync(at('mac'), 'hush\rhush');
    writeFileSync(at('nul'), 'hush\0hush');
    writeFileSync(at('unrendered'), `\${HUSH}\n`);
    mkdirSync(at('folder'));
    execFileSync('mkfifo', [at('pipe')]);
    for (const [name, reason] of [
      ['missing', 'it does not exist'],
      ['long/below', 'it does not exist'],
      ['empty', 'it is empty: write the secret into it'],
      ['lines', 'it has several lines: write the secret alone into it'],
      ['mac', 'it has several lines: write the secret alone into it'],
      ['nul', 'it has control characters such as NUL: write the secret into it as text'],
      ['unrendered', 'it names a variable, which is not expanded: write the secret itself into it'],
      ['long', 'it is longer than 64 KiB'],
      ['latin1', 'it is not UTF-8 text'],
      ['folder', 'it is a directory: give the path of a file in it'],
      ['pipe', 'it is not a regular file'],
      ['a\0b', 'ERR_INVALID_ARG_VALUE'],
    ] as const) {
      await expect(read(name)).rejects.toThrow(new Error(`secret file ${at(name)}: ${reason}`));
    }
  });

  it.skipIf(process.getuid?.() === 0)('tells when permission is missing', async () => {
    writeFileSync(at('private'), 'hush', { mode: 0o000 });
    await expect(read('private')).rejects.toThrow(
      `secret file ${at('private')}: permission denied: let the user that runs the exporter read it`,
    );
  });
});
