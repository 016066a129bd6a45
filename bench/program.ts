import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What one process of the benchmark tells another. */
export type Message = Readonly<Record<string, unknown>>;

/** A program of the benchmark in a process of its own. */
export interface Program {
  /** Its first message. */
  readonly hello: Message;
  /** Sends a message and waits for the answer's numbers. */
  ask(): Promise<Message>;
  signal(name: NodeJS.Signals): void;
  /** Memory that it holds, in MB. */
  residentMemory(): number;
  stop(): Promise<void>;
}

export interface ProgramOptions {
  readonly arguments?: readonly string[];
  /** For Node.js itself. */
  readonly nodeArguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** False for a program that has nothing to tell by itself. */
  readonly saysHello?: boolean;
}

/** The built programs of the benchmark. */
export function programPath(name: string): string {
  return new URL(`${name}.js`, import.meta.url).pathname;
}

/** Starts a program and waits for its first message. @throws Error where it ends instead. */
export async function startProgram(path: string, options: ProgramOptions = {}): Promise<Program> {
  const child = fork(path, options.arguments ?? [], {
    execArgv: [...(options.nodeArguments ?? [])],
    env: { ...plainEnvironment(), ...options.environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const hello = options.saysHello === false ? {} : await messageOf(child, path);
  return {
    hello,
    ask() {
      const answer = messageOf(child, path);
      child.send('ask');
      return answer;
    },
    signal: (name) => void child.kill(name),
    residentMemory: () => residentMemory(child.pid),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A number of a message. @throws Error where it is missing. */
export function numberIn(message: Message, name: string): number {
  const value = message[name];
  if (typeof value !== 'number') throw new Error(`a program of the benchmark sent no ${name}`);
  return value;
}

/** The environment without anything that would configure the exporter. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DINGTALK_')));
}

function messageOf(child: ChildProcess, path: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`${path} ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      if (typeof message === 'object') resolve({ ...message });
      else reject(new Error(`${path} sent a message that is no object`));
    });
  });
}

function residentMemory(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1]) / 1024;
  } catch {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
  }
}
