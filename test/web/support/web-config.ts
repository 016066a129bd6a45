import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Bcrypt hashes of "hunter2" and "correct horse". */
export const HUNTER = '$2b$04$M6EbEi6dkuumv1/9J9mZi.jX3ROenv5TFtU5hSiH3cHD8Ay6KMpd6';
export const HORSE = '$2b$04$kvqbTE523q2kYqoaaHZEkOgx8X9JNtrgUI9VPlKSIoTA8x1rqU1MO';

/** A web configuration file in a folder of its own, removed when the test ends. */
export class WebConfigFile {
  readonly folder = mkdtempSync(join(tmpdir(), 'web-config-'));
  readonly path = join(this.folder, 'web.yml');
  #written = 0;

  /** @param prepare creates the other files of the folder */
  constructor(text: string, prepare: (folder: string) => void = () => undefined) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    prepare(this.folder);
    this.write(text);
  }

  /** Atomically replaces the file, or one beside it. @returns its path. */
  write(text: string | Buffer, name = 'web.yml'): string {
    const path = join(this.folder, name);
    const draft = join(this.folder, `draft-${this.#written++}`);
    writeFileSync(draft, text);
    renameSync(draft, path);
    return path;
  }
}
