import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DEADLINE } from './until.ts';

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program as a process of its own, with nothing of this process's environment but what is given. */
export class Program {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  readonly #watchers = new Set<() => void>();

  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    folder?: string,
    main = join(process.cwd(), 'dist/main.js'),
  ) {
    this.process = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    this.process.stdout.on('data', (text) => {
      this.stdout += text;
      this.#tell();
    });
    this.process.stderr.on('data', (text) => {
      this.stderr += text;
      this.#tell();
    });
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
        this.#tell();
      });
    });
  }

  /** Resolves once the program has logged what matches; rejects when it ends without, or after long patience. */
  logged(pattern: RegExp, times = 1): Promise<RegExpMatchArray> {
    const global = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`);
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = (): void => {
        const found = [...this.stderr.matchAll(global)][times - 1];
        if (found !== undefined) {
          finish();
          resolve(found);
        } else if (this.process.exitCode !== null) {
          finish();
          reject(
            new Error(`ended with ${this.process.exitCode} before ${pattern} was logged:\n${this.stderr}`),
          );
        }
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`${pattern} was not logged:\n${this.stderr}`));
      }, DEADLINE);
      this.#watchers.add(look);
      look();
    });
  }

  /** Where it listens: the n-th address that it logged, as an origin. */
  async origin(nth = 1): Promise<string> {
    const [, address] = await this.logged(/msg=listening address=(\S+)/u, nth);
    return `http://${address}`;
  }

  /** Ends it if it has not ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.process.kill(signal);
    return this.ended;
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** Runs the program to its end. */
export function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Program(args, environment).ended;
}

/** A folder for a test's files, and a way to write them. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'dingtalk-test-'));

  /** Writes a file, in a folder below where its name has one. @returns its path. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
