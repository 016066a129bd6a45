import type { Clock, Timer } from '../clock.ts';
import type { OrganizationConfiguration } from '../config/configuration.ts';
import { DingTalkError, type Failure } from '../dingtalk/dingtalk-error.ts';
import { hintText } from '../dingtalk/hints.ts';
import { describeBug, type Logger } from '../log.ts';
import type { OrganizationState } from './organization-state.ts';
import type { PollResult } from './poll.ts';
import { PollCanceledError, PollRun } from './poll-run.ts';
import { pollOffset, untilOffset } from './schedule.ts';
import { dropped, failed, neverPolled, type PollEnd, reconfigured, succeeded } from './transitions.ts';

export interface MonitorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads both counts. @throws DingTalkError, or the run's reason for ending early. */
  readonly poll: (organization: OrganizationConfiguration, run: PollRun) => Promise<PollResult>;
  /** When the organization's access token expires (wall clock, ms); undefined if unknown. */
  readonly tokenExpiresAt: (organization: OrganizationConfiguration) => number | undefined;
  /** Milliseconds for a whole poll. */
  readonly pollTimeout: () => number;
  /** Called when a state has changed. */
  readonly onChange: () => void;
}

/** Milliseconds by which a poll may begin or end late. */
const POLL_GRACE = 60_000;

/** The minimum time between two polls, as a part of the interval. */
const MINIMUM_GAP = 0.05;

/**
 * Polls one organization and holds its state: polls at once, then at its offset in the interval, or after the failure
 * interval; one poll at a time. Drops the headcount when it is too old.
 */
export class OrganizationMonitor {
  readonly #options: MonitorOptions;
  #organization: OrganizationConfiguration;
  #state: OrganizationState;
  #pollTimer: Timer | undefined;
  /** Monotonic, ms. */
  #nextPollAt: number | undefined;
  #dropTimer: Timer | undefined;
  #run: PollRun | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #retryAtOnce = false;

  constructor(organization: OrganizationConfiguration, options: MonitorOptions) {
    this.#organization = organization;
    this.#options = options;
    this.#state = neverPolled(organization);
  }

  get state(): OrganizationState {
    return this.#state;
  }

  start(): void {
    this.#poll();
  }

  /** Resolves when no poll is in progress. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Applies other settings. Headcount and schedule stay, but a failing organization is polled at once. */
  reconfigure(organization: OrganizationConfiguration): void {
    const { pollInterval } = this.#organization;
    this.#organization = organization;
    this.#change(reconfigured(this.#state, organization));
    this.#dropWhenTooOld();
    const isFailing = this.#state.lastPoll?.failure !== undefined;
    if (this.#run !== undefined) {
      this.#retryAtOnce = true;
      // It may be waiting for a retry under the old settings.
      if (isFailing) this.#run.drain();
    } else if (isFailing) {
      this.#pollTimer?.cancel();
      this.#poll();
    } else if (pollInterval !== organization.pollInterval) {
      this.#schedule();
    }
  }

  /** False if a poll is overdue or does not end. */
  isAlive(): boolean {
    if (this.#run !== undefined) return this.#run.remaining > -POLL_GRACE;
    const now = this.#options.clock.monotonicTime();
    return this.#nextPollAt === undefined || now < this.#nextPollAt + POLL_GRACE;
  }

  /** No further polls; resolves when a call in flight has ended. */
  async drain(): Promise<void> {
    this.#stop();
    this.#run?.drain();
    await this.#running;
  }

  /** No further polls; a call in flight is aborted. */
  cancel(): void {
    this.#stop();
    this.#run?.cancel();
  }

  #stop(): void {
    this.#stopped = true;
    this.#pollTimer?.cancel();
    this.#dropTimer?.cancel();
  }

  #poll(): void {
    this.#nextPollAt = undefined;
    this.#retryAtOnce = false;
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
    let next: OrganizationState;
    try {
      const result = await poll(this.#organization, run);
      next = succeeded(this.#state, result, end());
    } catch (error) {
      if (error instanceof PollCanceledError) return;
      next = failed(this.#state, this.#failureOf(error), end());
    }
    if (this.#stopped) return;
    this.#logPoll(this.#state, next);
    this.#change(next);
    this.#dropWhenTooOld();
  }

  #change(next: OrganizationState): void {
    this.#state = next;
    this.#options.onChange();
  }

  #schedule(): void {
    this.#pollTimer?.cancel();
    const delay = this.#delay();
    this.#nextPollAt = this.#options.clock.monotonicTime() + delay;
    this.#pollTimer = this.#options.clock.setTimer(() => this.#poll(), delay);
  }

  #delay(): number {
    const { name, pollInterval, failureInterval } = this.#organization;
    if (this.#state.lastPoll?.failure !== undefined)
      return this.#retryAtOnce ? 0 : Math.min(failureInterval, pollInterval);
    const offset = pollOffset(name, pollInterval);
    const delay = untilOffset(this.#options.clock.wallTime(), pollInterval, offset);
    // Too soon after another poll: the first one, or one before the wall clock was set.
    return delay < pollInterval * MINIMUM_GAP ? delay + pollInterval : delay;
  }

  #dropWhenTooOld(): void {
    this.#dropTimer?.cancel();
    const { headcount, maxStaleness } = this.#state;
    if (headcount === undefined) return;
    const { clock, logger } = this.#options;
    const left = headcount.readAt + maxStaleness - clock.monotonicTime();
    if (left > 0) {
      this.#dropTimer = clock.setTimer(() => this.#dropWhenTooOld(), left);
      return;
    }
    const before = this.#state;
    const next = dropped(before, clock.wallTime());
    const failure = next.lastPoll?.failure;
    if (failure !== undefined && failure !== before.lastPoll?.failure) this.#logFailure(before, failure);
    logger.warn('headcount dropped: it is older than max_staleness', {
      organization: next.name,
      max_staleness: `${maxStaleness / 1000}s`,
      reason: failure?.reason,
    });
    this.#change(next);
  }

  /** Logs one line for each poll. A repeated success is `debug`. */
  #logPoll(before: OrganizationState, { name, headcount, lastPoll }: OrganizationState): void {
    const { logger } = this.#options;
    const duration = `${((lastPoll?.duration ?? 0) / 1000).toFixed(3)}s`;
    if (lastPoll?.failure !== undefined) {
      this.#logFailure(before, lastPoll.failure, duration);
      return;
    }
    const { employees, active } = headcount ?? {};
    const fields = { organization: name, employees, active, duration };
    if (before.lastPoll === undefined) logger.info('first headcount', fields);
    else if (before.lastPoll.failure !== undefined) logger.info('poll succeeded again', fields);
    else logger.debug('poll succeeded', fields);
  }

  /** A new failure is `warn`, a repeated one `info`. */
  #logFailure({ name, lastPoll }: OrganizationState, failure: Failure, duration?: string): void {
    const known = lastPoll?.failure;
    const isSame =
      known?.reason === failure.reason &&
      known.errorCode === failure.errorCode &&
      known.subCode === failure.subCode;
    this.#options.logger[isSame ? 'info' : 'warn']('poll failed', {
      organization: name,
      reason: failure.reason,
      errcode: failure.errorCode,
      sub_code: failure.subCode,
      errmsg: failure.errorMessage,
      request_id: failure.requestId,
      error: failure.message,
      hint: hintText(failure),
      duration,
    });
  }

  /** A bug in the exporter is reported as a failed poll too. */
  #failureOf(error: unknown): Failure {
    if (error instanceof DingTalkError) return error.failure;
    const bug = describeBug(error);
    this.#options.logger.error('poll failed: bug in the exporter', {
      organization: this.#organization.name,
      ...bug,
    });
    return {
      endpoint: 'user_count',
      reason: 'invalid_response',
      action: 'stop',
      message: `poll: unexpected ${bug.error} in the exporter`,
      hint: 'exporter_bug',
    };
  }
}
