import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSecret } from '../../src/dingtalk/secret.ts';
import { temporaryFolder } from '../config/support.ts';

describe('readSecret', () => {
  const folder = temporaryFolder();
  const at = (name: string): string => `${folder.path}/${name}`;
  const read = (name: string): Promise<string> => readSecret({ kind: 'file', path: at(name) });

  it('removes white space around it, inline and in a file', async () => {
    folder.write('secret', '\uFEFF \n hush hush\r\n');
    expect(await readSecret({ kind: 'inline', value: ' hush\n' })).toBe('hush');
    expect(await read('secret')).toBe('hush hush');
  });

  it('reads up to 64 KiB, through links', async () => {
    folder.write('large', 'x'.repeat(64 * 1024));
    symlinkSync('large', at('link'));
    expect(await read('link')).toHaveLength(64 * 1024);
  });

  it.each([
    ['missing', undefined, 'it does not exist'],
    ['empty', ' \n', 'it is empty: write the secret into it'],
    ['long', 'hush'.repeat(16 * 1024 + 1), 'it is longer than 64 KiB'],
    ['lines', 'hush\nhush\n', 'it has several lines: write the secret alone into it'],
    ['mac', 'hush\rhush', 'it has several lines: write the secret alone into it'],
    ['nul', 'hush\0hush', 'it has control characters such as NUL: write the secret into it as text'],
    [
      'template',
      '\x24{HUSH}',
      'it contains a placeholder, which is not expanded: write the secret itself into it',
    ],
    [
      'command',
      '$(cat hush)',
      'it contains a placeholder, which is not expanded: write the secret itself into it',
    ],
    ['.', undefined, 'it is a directory: give the path of a file in it'],
    ['a\0b', undefined, 'ERR_INVALID_ARG_VALUE'],
  ])('refuses the file %j without showing its content', async (name, text, reason) => {
    if (text !== undefined) folder.write(name, text);
    await expect(read(name)).rejects.toThrow(new Error(`secret file ${at(name)}: ${reason}`));
  });

  it('refuses a pipe', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    await expect(read('pipe')).rejects.toThrow('it is not a regular file');
  });

  it.skipIf(process.getuid?.() === 0)('refuses a file without permission to read it', async () => {
    chmodSync(folder.write('private', 'hush'), 0o000);
    await expect(read('private')).rejects.toThrow(
      `secret file ${at('private')}: permission denied: let the user that runs the exporter read it`,
    );
  });
});
