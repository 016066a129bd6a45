import type { Clock, Timer } from '../clock.ts';
import type { OrganizationConfiguration } from '../config/configuration.ts';
import { DingTalkError } from '../dingtalk/dingtalk-error.ts';
import type { Logger } from '../logger.ts';
import type { OrganizationState } from './organization-state.ts';
import type { PollResult } from './poll.ts';
import { PollCanceledError, PollRun } from './poll-run.ts';
import { reportDrop, reportPoll } from './report.ts';
import { placeInInterval, untilPlace } from './schedule.ts';
import { dropped, failed, neverPolled, type PollEnd, resettled, succeeded } from './transitions.ts';

export interface MonitorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads both counts; throws `DingTalkError`, or the run's reason for ending early. */
  readonly poll: (organization: OrganizationConfiguration, run: PollRun) => Promise<PollResult>;
  /** When the access token at hand expires (wall clock, ms), where there is one and it is known. */
  readonly tokenExpiresAt: (organization: OrganizationConfiguration) => number | undefined;
  /** Milliseconds for a whole poll; asked at each one, for it may change at a reload. */
  readonly pollTimeout: () => number;
  /** Told whenever what is known has changed. */
  readonly onChange: (state: OrganizationState) => void;
}

/** Milliseconds by which a poll may be late before something is wrong with the loop. */
const LOOP_GRACE = 60_000;

/** The part of the interval that lies between two polls at the least. */
const SHORTEST_GAP = 0.05;

/**
 * Keeps the number of one organization: polls at once, then at its own place in the interval, or after the
 * failure interval; never twice at the same time. Drops the number when it is too old.
 */
export class OrganizationMonitor {
  readonly #options: MonitorOptions;
  #organization: OrganizationConfiguration;
  #state: OrganizationState;
  #timer: Timer | undefined;
  #nextPollAt: number | undefined;
  #dropTimer: Timer | undefined;
  #run: PollRun | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #pollAgainAtOnce = false;

  constructor(organization: OrganizationConfiguration, options: MonitorOptions) {
    this.#organization = organization;
    this.#options = options;
    this.#state = neverPolled(organization);
  }

  get organization(): OrganizationConfiguration {
    return this.#organization;
  }

  get state(): OrganizationState {
    return this.#state;
  }

  /** Polls at once, and from then on by itself. */
  start(): void {
    this.#options.onChange(this.#state);
    this.#poll();
  }

  /** Resolves when no poll is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Other settings for the same organization: number and schedule stay; one that is failing is polled at once. */
  reconfigure(organization: OrganizationConfiguration): void {
    const before = this.#organization;
    this.#organization = organization;
    if (
      before.maxStaleness !== organization.maxStaleness ||
      before.pollInterval !== organization.pollInterval
    ) {
      this.#change(resettled(this.#state, organization));
      this.#armDrop();
    }
    const failing = this.#state.lastPoll?.failure !== undefined;
    if (this.#running !== undefined) {
      this.#pollAgainAtOnce = true;
      // What it waits for was decided under the old settings.
      if (failing) this.#run?.drain();
    } else if (failing) {
      this.#timer?.cancel();
      this.#poll();
    } else if (before.pollInterval !== organization.pollInterval) {
      this.#schedule();
    }
  }

  /** False when a poll is overdue or does not end: the loop is not alive. */
  isAlive(): boolean {
    const now = this.#options.clock.monotonicTime();
    const begun = this.#run?.begunAt;
    if (begun !== undefined) return now - begun < this.#options.pollTimeout() + LOOP_GRACE;
    return this.#nextPollAt === undefined || now < this.#nextPollAt + LOOP_GRACE;
  }

  /** No further polls; resolves when a call in flight has ended. */
  async drain(): Promise<void> {
    this.#stop();
    this.#run?.drain();
    await this.#running;
  }

  /** No further polls; a call in flight is cut. */
  cancel(): void {
    this.#stop();
    this.#run?.cancel();
  }

  #stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#dropTimer?.cancel();
  }

  #poll(): void {
    this.#nextPollAt = undefined;
    this.#pollAgainAtOnce = false;
    const run = new PollRun(this.#options.clock, this.#options.pollTimeout());
    this.#run = run;
    this.#running = this.#pollOnce(run).finally(() => {
      run.end();
      this.#run = undefined;
      this.#running = undefined;
      if (!this.#stopped) this.#schedule();
    });
  }

  async #pollOnce(run: PollRun): Promise<void> {
    const { clock, poll, tokenExpiresAt } = this.#options;
    const queuedAt = clock.monotonicTime();
    const end = (): PollEnd => {
      const monotonicTime = clock.monotonicTime();
      return {
        wallTime: clock.wallTime(),
        monotonicTime,
        duration: monotonicTime - (run.begunAt ?? queuedAt),
        tokenExpiresAt: tokenExpiresAt(this.#organization),
      };
    };
    try {
      const result = await poll(this.#organization, run);
      this.#ended(succeeded(this.#state, result, end()));
      this.#armDrop();
    } catch (error) {
      if (error instanceof PollCanceledError) return;
      this.#ended(failed(this.#state, this.#asDingTalkError(error), end()));
    }
  }

  #ended(next: OrganizationState): void {
    if (this.#stopped) return;
    reportPoll(this.#options.logger, this.#state, next);
    this.#change(next);
  }

  #change(next: OrganizationState): void {
    this.#state = next;
    this.#options.onChange(next);
  }

  #schedule(): void {
    this.#timer?.cancel();
    const delay = this.#delay();
    this.#nextPollAt = this.#options.clock.monotonicTime() + delay;
    this.#timer = this.#options.clock.setTimer(() => this.#poll(), delay);
  }

  #delay(): number {
    const { name, pollInterval, failureInterval } = this.#organization;
    if (this.#state.lastPoll?.failure === undefined) {
      const delay = untilPlace(
        this.#options.clock.wallTime(),
        pollInterval,
        placeInInterval(name, pollInterval),
      );
      // A place that comes just after a poll (the first one, say, or a clock that was set) would only repeat it.
      return delay < pollInterval * SHORTEST_GAP ? delay + pollInterval : delay;
    }
    return this.#pollAgainAtOnce ? 0 : Math.min(failureInterval, pollInterval);
  }

  #armDrop(): void {
    this.#dropTimer?.cancel();
    const { headcount, maxStaleness } = this.#state;
    if (headcount === undefined || this.#stopped) return;
    const left = headcount.readAt + maxStaleness - this.#options.clock.monotonicTime();
    this.#dropTimer = this.#options.clock.setTimer(() => {
      const next = dropped(this.#state);
      reportDrop(this.#options.logger, this.#state);
      this.#change(next);
    }, left);
  }

  /** A fault of our own is shown as a failure of the poll as well, for a poll must never end unseen. */
  #asDingTalkError(error: unknown): DingTalkError {
    if (error instanceof DingTalkError) return error;
    const name = error instanceof Error ? error.name : typeof error;
    // The places alone: the message of an unknown error might hold anything.
    const places =
      error instanceof Error
        ? error.stack
            ?.match(/^\s+at .*$/gmu)
            ?.slice(0, 5)
            .join(' ')
        : undefined;
    this.#options.logger.error('poll ended by a fault of the exporter', {
      organization: this.#organization.name,
      error: name,
      stack: places,
    });
    return new DingTalkError(
      {
        endpoint: 'user_count',
        reason: 'invalid_response',
        action: 'stop',
        message: `poll: unexpected ${name} in the exporter itself`,
        hint: 'exporter_bug',
      },
      error,
    );
  }
}
