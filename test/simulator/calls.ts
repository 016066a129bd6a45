import type { IncomingHttpHeaders } from 'node:http';
import type { Directory, SimulatedOrganization } from './organizations.ts';
import { type Answer, answer, countOf, type Numbered, newStyleError, plainError } from './replies.ts';

/** The two kinds of documented calls, and everything else that was asked for. */
export type Endpoint = 'token' | 'user_count' | 'other';

type Fields = Readonly<Record<string, unknown>>;

/** One of the documented token calls. */
interface TokenCall {
  /** A group is the corp id. */
  readonly path: RegExp;
  readonly clientId: string;
  readonly secret: string;
  /** All of its fields: each must be there, and be text. */
  readonly fields: readonly string[];
  /** What the token and its lifetime are called in the answer. */
  readonly answer: readonly [token: string, lifetime: string];
}

const TOKEN_CALLS: readonly TokenCall[] = [
  {
    path: /^\/v1\.0\/oauth2\/accessToken$/,
    clientId: 'appKey',
    secret: 'appSecret',
    fields: ['appKey', 'appSecret'],
    answer: ['accessToken', 'expireIn'],
  },
  {
    path: /^\/v1\.0\/oauth2\/corpAccessToken$/,
    clientId: 'suiteKey',
    secret: 'suiteSecret',
    fields: ['suiteKey', 'suiteSecret', 'authCorpId', 'suiteTicket'],
    answer: ['accessToken', 'expireIn'],
  },
  {
    path: /^\/v1\.0\/oauth2\/([^/]+)\/token$/,
    clientId: 'client_id',
    secret: 'client_secret',
    fields: ['client_id', 'client_secret', 'grant_type'],
    answer: ['access_token', 'expires_in'],
  },
];

/** A request, as the call that it is. */
export type Call =
  | {
      readonly endpoint: 'token';
      readonly kind: TokenCall;
      readonly clientId: string;
      readonly corpId: string | undefined;
      /** Undefined where the body is not a JSON object, or not declared as JSON. */
      readonly fields: Fields | undefined;
    }
  | {
      readonly endpoint: 'user_count';
      readonly accessToken: string;
      /** `true` or `false` in a call that is right, null where it is missing. */
      readonly onlyActive: string | null;
    }
  | { readonly endpoint: 'other' };

/** Reads a request. It never fails: its answer says what is wrong. */
export function readCall(url: URL, headers: IncomingHttpHeaders, body: string): Call {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (url.pathname === '/topapi/user/count') {
    const form = new URLSearchParams(type === 'application/x-www-form-urlencoded' ? body : '');
    return {
      endpoint: 'user_count',
      accessToken: url.searchParams.get('access_token') ?? '',
      onlyActive: form.get('only_active'),
    };
  }
  const fields = type === 'application/json' ? readJson(body) : undefined;
  for (const kind of TOKEN_CALLS) {
    const found = kind.path.exec(url.pathname);
    if (found === null) continue;
    const corpId = found[1] ?? fields?.['authCorpId'];
    return {
      endpoint: 'token',
      kind,
      clientId: String(fields?.[kind.clientId] ?? ''),
      corpId: corpId === undefined ? undefined : decodeURIComponent(String(corpId)),
      fields,
    };
  }
  return { endpoint: 'other' };
}

/** What `only_active` says, where it is a boolean. */
export function onlyActiveOf(call: Call): boolean | undefined {
  if (call.endpoint !== 'user_count') return undefined;
  return { true: true, false: false }[call.onlyActive ?? ''];
}

/** The organization of a call, also where its secret is wrong. */
export function organizationOf(call: Call, directory: Directory): SimulatedOrganization | undefined {
  switch (call.endpoint) {
    case 'token':
      return directory.organizationsOf(call.clientId).find(({ corpId }) => corpId === call.corpId);
    case 'user_count':
      return directory.check(call.accessToken).organization;
    case 'other':
      return undefined;
  }
}

/** What DingTalk answers, by its documentation. A token call that is right issues a token. */
export function honestAnswer(call: Call, directory: Directory, exchange: Numbered): Answer {
  switch (call.endpoint) {
    case 'token':
      return answerToken(call, directory)(exchange);
    case 'user_count':
      return answerCount(call, directory)(exchange);
    case 'other':
      return newStyleError(404, 'notFound', 'the requested path does not exist')(exchange);
  }
}

/** The codes `invalidClientIdOrSecret` and `unknownError` are documented; the others only look like them. */
function answerToken(
  call: Extract<Call, { endpoint: 'token' }>,
  directory: Directory,
): (exchange: Numbered) => Answer {
  const { kind, clientId, fields } = call;
  if (fields === undefined) return newStyleError(400, 'invalidBody', 'the body must be a JSON object');
  const wrong = kind.fields.find((name) => typeof fields[name] !== 'string' || fields[name] === '');
  if (wrong !== undefined || Object.keys(fields).length > kind.fields.length) {
    return newStyleError(400, 'invalidParameter', `exactly ${kind.fields.join()} must be there, as text`);
  }
  if (kind.fields.includes('grant_type') && fields['grant_type'] !== 'client_credentials') {
    return newStyleError(400, 'unsupportedGrantType', 'grant_type must be client_credentials');
  }

  const needsTicket = kind.fields.includes('suiteTicket');
  const mayEnter = (organization: SimulatedOrganization): boolean =>
    organization.clientSecret === fields[kind.secret] &&
    (organization.suiteTicket !== undefined) === needsTicket;
  const organization = organizationOf(call, directory);
  if (organization === undefined && directory.organizationsOf(clientId).some(mayEnter)) {
    // Right but for the corp id.
    return newStyleError(500, 'unknownError', 'an unknown error occurred');
  }
  if (organization === undefined || !mayEnter(organization)) {
    return newStyleError(400, 'invalidClientIdOrSecret', 'the client id or the client secret is not valid');
  }
  if (needsTicket && fields['suiteTicket'] !== organization.suiteTicket) {
    return newStyleError(400, 'invalidSuiteTicket', 'the suite ticket is not valid');
  }
  const [token, lifetime] = kind.answer;
  const seconds = Math.round(organization.tokenLifetime / 1000);
  return answer({ body: { [token]: directory.issueToken(organization), [lifetime]: seconds } });
}

function answerCount(
  { accessToken, onlyActive }: Extract<Call, { endpoint: 'user_count' }>,
  directory: Directory,
): (exchange: Numbered) => Answer {
  const { state, organization } = directory.check(accessToken);
  switch (state) {
    case 'unknown':
    case 'revoked':
      return plainError(40014, 'Invalid access_token');
    case 'expired':
      return plainError(42001, 'access_token expired');
    case 'valid':
      if (onlyActive === null) return plainError(400002, 'Parameter is empty');
      if (onlyActive === 'true') return countOf(organization.active);
      if (onlyActive === 'false') return countOf(organization.employees);
      return plainError(40035, 'Invalid parameter');
  }
}

function readJson(body: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    // No JSON: the answer says so.
    return undefined;
  }
}
