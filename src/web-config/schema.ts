// The keys of a web configuration file as exporter-toolkit has them, and what Go and OpenSSL call the parts of TLS. Every
// single value is text, as go-yaml reads it into Go's types. No message repeats one: it may be a secret in the wrong place.
import * as z from 'zod';
import type { ClientAuth } from './web-config.ts';

/**
 * The suites of Go's tls.CipherSuites() and their names in OpenSSL, in the order in which they are preferred when the file
 * lists none: AES in GCM first, CBC last. Those without a key exchange in their name are of TLS 1.3.
 */
export const cipherSuites = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
} as const;

const curves = {
  CurveP256: 'prime256v1',
  CurveP384: 'secp384r1',
  CurveP521: 'secp521r1',
  X25519: 'X25519',
} as const;

/** From old to new; the names sort as the versions do. */
export const versions = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

const clientAuthTypes = {
  NoClientCert: 'NoClientCert',
  RequestClientCert: 'RequestClientCert',
  RequireAnyClientCert: 'RequireAnyClientCert',
  // The name of old versions of exporter-toolkit.
  RequireClientCert: 'RequireAnyClientCert',
  VerifyClientCertIfGiven: 'VerifyClientCertIfGiven',
  RequireAndVerifyClientCert: 'RequireAndVerifyClientCert',
} as const satisfies Record<string, ClientAuth>;

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message, params: { isSentence: true } });
  return z.NEVER;
}

const text = z.string().meta({ isSecret: true });

/** One of these names. An unknown one is repeated only when it is short words and digits. */
function name<Names extends Readonly<Record<string, string>>>(names: Names, unknown: string) {
  return text.transform((given, context): keyof Names & string => {
    if (Object.hasOwn(names, given)) return given;
    const shown = /^(?!.*[A-Za-z0-9]{12})[\w-]{1,48}$/.test(given) ? `: ${given}` : '';
    return refuse(context, `${unknown}${shown}; allowed: ${Object.keys(names).join(', ')}`);
  });
}

/** YAML 1.1 has them all, in lower case, capitals or capitalized. */
const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  y: true,
  false: false,
  no: false,
  off: false,
  n: false,
};

const boolean = text.transform((given, context) => {
  const word = /^(?:[a-z]+|[A-Z][a-z]*|[A-Z]+)$/.test(given) ? given.toLowerCase() : '';
  return booleans[word] ?? refuse(context, 'the value is not a boolean; allowed: true or false');
});

const count = text.transform((given, context) =>
  /^\d{1,15}$/.test(given)
    ? Number(given)
    : refuse(context, 'the value is not a whole number; allowed: 0 or more'),
);

const secondsOf: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/**
 * Seconds, from a duration as Go's time.ParseDuration takes it. A number without a unit would be nanoseconds to Go, which
 * nobody means: only 0 needs none.
 */
const duration = text.transform((given, context) => {
  if (/^[-+]?0$/.test(given)) return 0;
  if (!/^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(given)) {
    const allowed = 'allowed: 0 or a duration of Go, for example 1s, 100ms or 1m30s';
    return refuse(context, `the value is not a duration; ${allowed}`);
  }
  const parts = [...given.matchAll(/([\d.]+)([a-zµμ]+)/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (secondsOf[unit] ?? NaN), 0);
});

/** A text over several lines becomes one line. */
function header(name: string, ...values: string[]) {
  return text.transform((given, context) => {
    const value = given.replaceAll(/[\r\n]+/g, ' ').trim();
    if (values.length > 0 && !values.includes(value)) {
      return refuse(context, `invalid value for ${name}; allowed: ${values.join(', ')}`);
    }
    if (!/[^\t\x20-\x7e\x80-\xff]/.test(value)) return value;
    return refuse(context, 'the value holds characters that no header can; allowed: Latin-1');
  });
}

const headers = z.strictObject({
  'Strict-Transport-Security': header('Strict-Transport-Security'),
  'X-Content-Type-Options': header('X-Content-Type-Options', 'nosniff'),
  'X-Frame-Options': header('X-Frame-Options', 'deny', 'sameorigin'),
  'X-XSS-Protection': header('X-XSS-Protection'),
  'Content-Security-Policy': header('Content-Security-Policy'),
});

const tls = z.strictObject({
  cert: text,
  cert_file: text,
  key: text,
  key_file: text,
  client_auth_type: name(clientAuthTypes, 'invalid ClientAuth').transform((type) => clientAuthTypes[type]),
  client_ca: text,
  client_ca_file: text,
  client_allowed_sans: z.array(text).meta({ allowed: 'names' }),
  min_version: name(versions, 'unknown TLS version'),
  max_version: name(versions, 'unknown TLS version'),
  cipher_suites: z.array(name(cipherSuites, 'unknown cipher')).meta({ allowed: 'names of cipher suites' }),
  prefer_server_cipher_suites: boolean,
  curve_preferences: z
    .array(name(curves, 'unknown curve').transform((curve) => curves[curve]))
    .meta({ allowed: 'names of curves' }),
});

export const tlsKeys = Object.keys(tls.shape);

export const webConfigSchema = z.strictObject({
  tls_server_config: tls.partial().optional(),
  http_server_config: z.strictObject({ http2: boolean, headers: headers.partial() }).partial().optional(),
  // Any name can be a user's: read one by one, after the rest.
  basic_auth_users: z.unknown().optional(),
  rate_limit: z.strictObject({ interval: duration, burst: count }).partial().optional(),
});

export type TlsValues = NonNullable<z.output<typeof webConfigSchema>['tls_server_config']>;

/** Keys that are no secrets. */
export const knownKeys = [
  ...Object.keys(webConfigSchema.shape),
  ...tlsKeys,
  ...Object.keys(headers.shape),
  ...['http2', 'headers', 'interval', 'burst'],
];
