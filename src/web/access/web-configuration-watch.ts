import type { Clock, Timer } from '../../clock.ts';
import type { Logger } from '../../logger.ts';
import { asksForCertificate } from './client-certificates.ts';
import {
  readWebConfiguration,
  stampOf,
  type WebConfiguration,
  WebConfigurationError,
  type WebConfigurationReading,
} from './web-configuration.ts';

/** How often the files are looked at (ms). It costs a `stat` each, whoever scrapes or does not. */
export const WATCH_INTERVAL = 1_000;

/**
 * Keeps the web configuration that is at work, and reads it anew when it, or a file that it names, has changed
 * and then stood still from one look to the next: nobody is served from a file that is still being written. A
 * broken change leaves the old configuration at work, and is told once.
 */
export class WebConfigurationWatch {
  readonly #path: string;
  readonly #apply: (configuration: WebConfiguration) => void;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #current: WebConfiguration;
  /** The files as they were when they were last read, well or badly. */
  #read: ReadonlyMap<string, string>;
  /** The files as the last look found them. */
  #seen: ReadonlyMap<string, string>;
  #timer: Timer | undefined;
  #stopped = false;

  private constructor(
    path: string,
    configuration: WebConfiguration,
    { stamps }: WebConfigurationReading,
    apply: (configuration: WebConfiguration) => void,
    logger: Logger,
    clock: Clock,
  ) {
    this.#path = path;
    this.#current = configuration;
    this.#read = stamps;
    this.#seen = stamps;
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

  /** Looks no more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => void this.#look().finally(() => this.#arm()), WATCH_INTERVAL);
  }

  async #look(): Promise<void> {
    const before = this.#seen;
    const now = new Map<string, string>();
    for (const path of this.#read.keys()) now.set(path, await stampOf(path));
    this.#seen = now;
    if (isSame(now, this.#read) || !isSame(now, before)) return;
    try {
      await this.#readAnew();
    } catch (error) {
      this.#warn(error instanceof Error ? error.message : String(error));
    }
  }

  async #readAnew(): Promise<void> {
    const reading = await readWebConfiguration(this.#path);
    this.#read = reading.stamps;
    this.#seen = reading.stamps;
    const { configuration } = reading;
    const refusal =
      configuration === undefined ? reading.faults.join('; ') : needsRestart(this.#current, configuration);
    if (this.#stopped) return;
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

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  if (one.size !== other.size) return false;
  for (const [path, stamp] of one) if (other.get(path) !== stamp) return false;
  return true;
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
