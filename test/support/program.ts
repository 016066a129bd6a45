import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
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

/** The built program as a process of its own, whose environment is only what is given and PATH. */
export class Program {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    main = join(process.cwd(), 'dist/main.js'),
  ) {
    this.process = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    this.process.stdout.on('data', (text) => {
      this.stdout += text;
    });
    this.process.stderr.on('data', (text) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Resolves once the program has logged what matches; rejects where it ends first, or at the deadline. */
  async logged(pattern: RegExp, times = 1): Promise<RegExpMatchArray> {
    const global = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`);
    const signal = AbortSignal.timeout(DEADLINE);
    for (;;) {
      const found = [...this.stderr.matchAll(global)][times - 1];
      if (found !== undefined) return found;
      if (signal.aborted || this.process.exitCode !== null || this.process.stderr.closed) {
        const state = signal.aborted ? 'is running still' : `ended with ${this.process.exitCode}`;
        throw new Error(`${pattern} was not logged, and the program ${state}:\n${this.stderr}`);
      }
      await Promise.race([once(this.process.stderr, 'data', { signal }).catch(() => undefined), this.ended]);
    }
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
