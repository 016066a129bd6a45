import type { Clock, Timer } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { asksForCertificate } from './client-certificates.ts';
import {
  readWebConfiguration,
  stampOf,
  type WebConfiguration,
  WebConfigurationError,
  type WebConfigurationReading,
} from './web-configuration.ts';

/** How often the files are looked at (ms). It costs a `stat` each, whoever scrapes or does not. */
export const WATCH_INTERVAL = 500;

/** How long a change that could be taken must stand still (ms); one that could not is given a whole interval. */
export const SETTLING_TIME = 250;

/** Files whose content is another one at each look are taken, or told of, after this time (ms) all the same. */
export const LONGEST_UNREST = 5_000;

/** A change that has not stood still yet. */
interface Unrest {
  readonly digest: string;
  readonly usable: boolean;
  /** When the first look found a change. */
  readonly since: number;
}

/**
 * Keeps the web configuration that is at work, and reads it anew when it, or a file that it names, has changed
 * and its content then stood still from one look to the next: nobody is served from a file that is still being
 * written. A broken change leaves the old configuration at work, and is told once.
 */
export class WebConfigurationWatch {
  readonly #path: string;
  readonly #apply: (configuration: WebConfiguration) => void;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #current: WebConfiguration;
  /** The files as they were when they were last read. */
  #stamps: ReadonlyMap<string, string>;
  /** The content that was last taken, or told to be broken. */
  #judged: string;
  #unrest: Unrest | undefined;
  /** One look at a time. */
  #looking: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #stopped = false;

  private constructor(
    path: string,
    configuration: WebConfiguration,
    { stamps, digest }: WebConfigurationReading,
    apply: (configuration: WebConfiguration) => void,
    logger: Logger,
    clock: Clock,
  ) {
    this.#path = path;
    this.#current = configuration;
    this.#stamps = stamps;
    this.#judged = digest;
    this.#apply = apply;
    this.#logger = logger;
    this.#clock = clock;
  }

  /**
   * Reads the configuration, and from then on each change of it.
   *
   * @param apply puts a configuration to work: called at once, and for each good change
   * @throws {WebConfigurationError} where the configuration is broken at the start
   */
  static async start(
    path: string,
    apply: (configuration: WebConfiguration) => void,
    logger: Logger,
    clock: Clock,
  ): Promise<WebConfigurationWatch> {
    const reading = await readWebConfiguration(path);
    if (reading.configuration === undefined) throw new WebConfigurationError(reading.faults);
    const watch = new WebConfigurationWatch(path, reading.configuration, reading, apply, logger, clock);
    apply(reading.configuration);
    watch.#arm();
    return watch;
  }

  /** Looks at once, and takes what there is, if it can be taken: who asks for that says that it is whole. */
  readAnew(): Promise<void> {
    return this.#look(true);
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    if (this.#stopped) return;
    const delay = this.#unrest?.usable === true ? SETTLING_TIME : WATCH_INTERVAL;
    this.#timer = this.#clock.setTimer(() => void this.#look(false).finally(() => this.#arm()), delay);
  }

  #look(atOnce: boolean): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      try {
        if (atOnce || this.#unrest !== undefined || (await this.#hasChanged())) await this.#readFiles(atOnce);
      } catch (error) {
        this.#warn(error instanceof Error ? error.message : String(error));
      }
    });
    return this.#looking;
  }

  async #hasChanged(): Promise<boolean> {
    for (const [path, stamp] of this.#stamps) if ((await stampOf(path)) !== stamp) return true;
    return false;
  }

  async #readFiles(atOnce: boolean): Promise<void> {
    const reading = await readWebConfiguration(this.#path);
    if (this.#stopped) return;
    const { stamps, digest, configuration } = reading;
    const before = this.#unrest;
    this.#stamps = stamps;
    this.#unrest = undefined;
    if (digest === this.#judged) return;
    const now = this.#clock.monotonicTime();
    const since = before?.since ?? now;
    if (atOnce || digest === before?.digest || now - since >= LONGEST_UNREST) {
      this.#judged = digest;
      this.#judge(reading);
    } else {
      this.#unrest = { digest, usable: configuration !== undefined, since };
    }
  }

  #judge({ configuration, faults }: WebConfigurationReading): void {
    const refusal =
      configuration === undefined ? faults.join('; ') : needsRestart(this.#current, configuration);
    if (configuration === undefined || refusal !== undefined) {
      this.#warn(refusal ?? '');
      return;
    }
    this.#apply(configuration);
    this.#current = configuration;
    this.#logger.info('web configuration read anew', {
      file: this.#path,
      tls: configuration.tls !== undefined,
      users: configuration.users.size,
    });
  }

  #warn(reason: string): void {
    this.#logger.warn('changed web configuration not taken, the old one stays at work', {
      file: this.#path,
      reason,
    });
  }
}

/** What a listener decides when it is opened cannot change under it. */
function needsRestart(old: WebConfiguration, changed: WebConfiguration): string | undefined {
  if ((old.tls === undefined) !== (changed.tls === undefined)) {
    return `TLS is switched ${changed.tls === undefined ? 'off' : 'on'}, which needs a restart`;
  }
  if (old.tls === undefined || changed.tls === undefined) return undefined;
  if (asksForCertificate(old.tls.clients) !== asksForCertificate(changed.tls.clients)) {
    return 'client_auth_type changes from or to NoClientCert, which needs a restart';
  }
  return undefined;
}
