import type { Clock } from '../../src/clock.ts';

/** How many tokens of an organization are remembered, to tell an expired or revoked one from an unknown one. */
const REMEMBERED_TOKENS = 10;

interface Headcount {
  readonly employees: number;
  readonly active: number;
}

/** An app of one organization's own. */
export interface InternalApp extends Headcount {
  readonly appKey: string;
  readonly appSecret: string;
}

/** An app that several organizations have installed; with a ticket its token call is another one. */
export interface ThirdPartyApp extends Headcount {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly corpId: string;
  readonly suiteTicket?: string;
}

/** An organization with the app that reads its headcount. What is not readonly may be changed at any time. */
export interface SimulatedOrganization {
  /** Empty where tokens are only planted. */
  readonly clientId: string;
  /** Undefined for an internal app. */
  readonly corpId: string | undefined;
  clientSecret: string;
  suiteTicket: string | undefined;
  /** Everyone. */
  employees: number;
  /** Who has activated DingTalk. */
  active: number;
  /** How long tokens issued from now on last (ms). */
  tokenLifetime: number;
}

/** Of an internal app; DingTalk's access tokens last for two hours. */
const DEFAULTS = { corpId: undefined, suiteTicket: undefined, tokenLifetime: 7_200_000 };

interface Token {
  readonly value: string;
  readonly organization: SimulatedOrganization;
  /** On the monotonic clock (ms). */
  expiresAt: number;
  revoked: boolean;
}

/** What is known of an access token. */
export type TokenCheck =
  | { readonly state: 'valid' | 'expired' | 'revoked'; readonly organization: SimulatedOrganization }
  | { readonly state: 'unknown'; readonly organization: undefined };

/** The organizations, and the access tokens that were issued for them. */
export class Directory {
  readonly #clock: Clock;
  readonly #byClientId = new Map<string, SimulatedOrganization[]>();
  readonly #tokens = new Map<string, Token>();
  readonly #tokensOf = new Map<SimulatedOrganization, Token[]>();
  #serial = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addInternalApp({ appKey, appSecret, ...headcount }: InternalApp): SimulatedOrganization {
    return this.#add({ ...DEFAULTS, ...headcount, clientId: appKey, clientSecret: appSecret });
  }

  addThirdPartyApp(app: ThirdPartyApp): SimulatedOrganization {
    return this.#add({ ...DEFAULTS, ...app });
  }

  /** An organization without an app, whose tokens are planted. */
  addTokenOnly(headcount: Headcount): SimulatedOrganization {
    return { ...DEFAULTS, ...headcount, clientId: '', clientSecret: '' };
  }

  /** All organizations that an app reads: one for an internal app, any number for a third-party one. */
  organizationsOf(clientId: string): readonly SimulatedOrganization[] {
    return this.#byClientId.get(clientId) ?? [];
  }

  /** Issues a token: an internal app gets its valid one again, extended; for others the former ones are revoked. */
  issueToken(organization: SimulatedOrganization): string {
    const valid = this.#of(organization).filter(({ value }) => this.check(value).state === 'valid');
    const [first] = valid;
    if (organization.corpId === undefined && first !== undefined) {
      first.expiresAt = this.#clock.monotonicTime() + organization.tokenLifetime;
      return first.value;
    }
    for (const token of valid) token.revoked = true;
    this.#serial += 1;
    // With characters that a URL and a form must escape: DingTalk promises nothing about what a token looks like.
    return this.plantToken(organization, `simulated+token/${String(this.#serial).padStart(6, '0')}=`);
  }

  /** Adds a valid token without a token call. */
  plantToken(organization: SimulatedOrganization, value: string): string {
    const expiresAt = this.#clock.monotonicTime() + organization.tokenLifetime;
    const token = { value, organization, expiresAt, revoked: false };
    this.#tokens.set(value, token);
    const tokens = this.#of(organization);
    tokens.push(token);
    this.#tokensOf.set(organization, tokens);
    if (tokens.length > REMEMBERED_TOKENS) this.#tokens.delete(tokens.shift()?.value ?? '');
    return value;
  }

  revokeTokens(organization: SimulatedOrganization): void {
    for (const token of this.#of(organization)) token.revoked = true;
  }

  check(value: string): TokenCheck {
    const token = this.#tokens.get(value);
    if (token === undefined) return { state: 'unknown', organization: undefined };
    const { organization, revoked, expiresAt } = token;
    if (revoked) return { state: 'revoked', organization };
    return { state: this.#clock.monotonicTime() >= expiresAt ? 'expired' : 'valid', organization };
  }

  #add(organization: SimulatedOrganization): SimulatedOrganization {
    const { clientId } = organization;
    const others = this.organizationsOf(clientId);
    if (others.some(({ corpId }) => corpId === organization.corpId)) {
      throw new Error(`the app ${clientId} exists already: give each its own id`);
    }
    this.#byClientId.set(clientId, [...others, organization]);
    return organization;
  }

  #of(organization: SimulatedOrganization): Token[] {
    return this.#tokensOf.get(organization) ?? [];
  }
}
