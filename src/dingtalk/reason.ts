/** Why a call or a poll failed: the closed set that metrics, logs, alerts and the page use. */
export const REASONS = [
  'timeout',
  'network',
  'unavailable',
  'throttled',
  'quota',
  'credentials',
  'permission',
  'rejected',
  'invalid_response',
] as const;

export type Reason = (typeof REASONS)[number];

/** The kinds of calls to DingTalk: the values of the label `endpoint`. */
export const ENDPOINTS = ['token', 'user_count'] as const;

export type Endpoint = (typeof ENDPOINTS)[number];
