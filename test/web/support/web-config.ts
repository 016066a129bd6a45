import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A web configuration file in a folder of its own, gone when the test ends. */
export class WebConfigFile {
  readonly folder = mkdtempSync(join(tmpdir(), 'web-config-'));
  readonly path = join(this.folder, 'web.yml');
  #written = 0;

  /** @param prepare puts beside the file what it needs */
  constructor(text: string, prepare: (folder: string) => void = () => undefined) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    prepare(this.folder);
    this.write(text);
  }

  /** Replaces the file, or one beside it, as careful people do: the new one takes the place of the old one. */
  write(text: string | Buffer, name = 'web.yml'): string {
    const path = join(this.folder, name);
    const draft = join(this.folder, `draft-${this.#written++}`);
    writeFileSync(draft, text);
    renameSync(draft, path);
    return path;
  }
}
