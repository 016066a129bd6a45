import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Folder } from './program.ts';
import { DEADLINE, until } from './until.ts';

/** How much of the log is kept (characters). */
const KEPT_LOG = 20_000;

/** How Prometheus and Alertmanager, of any version, log the address that they were given. */
const LISTENING = /msg="Listening on".* address=(?<address>\S+)/;

/** Prometheus or Alertmanager as a process of its own, on a free port of the loopback and with a folder of its own. */
export class Service {
  readonly #folder: Folder;
  readonly #process: ChildProcess;
  readonly #kill = (): void => void this.#process.kill('SIGKILL');
  #log = '';
  #address: string | undefined;

  private constructor(path: string, args: readonly string[], folder: Folder) {
    this.#folder = folder;
    this.#process = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    // It must not outlive tests that are interrupted.
    process.once('exit', this.#kill);
    this.#process.once('exit', () => process.removeListener('exit', this.#kill));
    this.#process.once('error', (error) => {
      this.#log += `${error.message}\n`;
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-KEPT_LOG);
      this.#address ??= LISTENING.exec(this.#log)?.groups?.['address'];
    });
  }

  /**
   * Resolves once it is ready.
   *
   * @param prepare writes its files into the folder, which is removed with it, and returns its flags
   */
  static async start(path: string, prepare: (folder: Folder) => readonly string[]): Promise<Service> {
    const folder = new Folder();
    const service = new Service(path, [...prepare(folder), '--web.listen-address=127.0.0.1:0'], folder);
    try {
      await until('it is ready', async () => service.#hasEnded || (await service.#isReady()));
      if (service.#hasEnded) throw new Error('it has ended');
    } catch (error) {
      await service.stop();
      throw new Error(`${path} did not start:\n${service.#log}`, { cause: error });
    }
    return service;
  }

  /** `host:port` */
  get address(): string {
    if (this.#address === undefined) throw new Error(`it does not listen yet:\n${this.#log}`);
    return this.#address;
  }

  /** One request to it; the whole answer comes within the deadline. */
  fetch(path: string, request: RequestInit = {}): Promise<Response> {
    return fetch(`http://${this.address}${path}`, { ...request, signal: AbortSignal.timeout(DEADLINE) });
  }

  /** Ends it with SIGTERM, or with SIGKILL where that does not suffice. */
  async stop(): Promise<void> {
    if (!this.#hasEnded) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      const timer = setTimeout(this.#kill, DEADLINE / 3);
      await ended;
      clearTimeout(timer);
    }
    this.#folder.remove();
  }

  get #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  async #isReady(): Promise<boolean> {
    return this.#address !== undefined && (await this.fetch('/-/ready')).ok;
  }
}
