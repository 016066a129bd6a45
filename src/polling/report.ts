import type { Failure } from '../dingtalk/dingtalk-error.ts';
import { hintText } from '../dingtalk/hints.ts';
import type { LogFields, Logger } from '../logger.ts';
import type { OrganizationState } from './organization-state.ts';

/**
 * One line for the end of a poll. A failure is never silent: its beginning is `warn`, its going on `info`. A success
 * after something else is `info`, another one `debug`.
 */
export function reportPoll(logger: Logger, before: OrganizationState, after: OrganizationState): void {
  const failure = after.lastPoll?.failure;
  const duration = `${((after.lastPoll?.duration ?? 0) / 1000).toFixed(3)}s`;
  if (failure !== undefined) {
    const known = before.lastPoll?.failure;
    const level = known !== undefined && sameFailure(known, failure) ? 'info' : 'warn';
    logger[level]('poll failed', { organization: after.name, ...failureFields(failure), duration });
    return;
  }
  const numbers = {
    organization: after.name,
    employees: after.headcount?.employees,
    active: after.headcount?.active,
    duration,
  };
  if (before.lastPoll === undefined) logger.info('first headcount', numbers);
  else if (before.lastPoll.failure !== undefined) logger.info('poll succeeded again', numbers);
  else logger.debug('poll succeeded', numbers);
}

/** The headcount is no longer shown. */
export function reportDrop(logger: Logger, state: OrganizationState): void {
  logger.warn('headcount dropped: it is older than max_staleness', {
    organization: state.name,
    max_staleness: `${state.maxStaleness / 1000}s`,
    reason: state.lastPoll?.failure?.reason,
  });
}

function failureFields(failure: Failure): LogFields {
  return {
    reason: failure.reason,
    errcode: failure.errorCode,
    sub_code: failure.subCode,
    errmsg: failure.errorMessage,
    request_id: failure.requestId,
    error: failure.message,
    hint: hintText(failure),
  };
}

function sameFailure(one: Failure, other: Failure): boolean {
  return one.reason === other.reason && one.errorCode === other.errorCode && one.subCode === other.subCode;
}
