// The keys of a web configuration file as exporter-toolkit has them, and what Go and OpenSSL call the parts of TLS. Every
// single value is text, as go-yaml reads it into Go's types. No message repeats one: it may be a secret in the wrong place.
import * as z from 'zod';
import { complain } from '../config/validation.ts';

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

/** How clients are asked for a certificate, by the names of Go's tls.ClientAuthType. */
const clientAuthTypes = {
  NoClientCert: 'NoClientCert',
  RequestClientCert: 'RequestClientCert',
  RequireAnyClientCert: 'RequireAnyClientCert',
  // The name of old versions of exporter-toolkit.
  RequireClientCert: 'RequireAnyClientCert',
  VerifyClientCertIfGiven: 'VerifyClientCertIfGiven',
  RequireAndVerifyClientCert: 'RequireAndVerifyClientCert',
} as const;

export type ClientAuth = (typeof clientAuthTypes)[keyof typeof clientAuthTypes];

function refuse(context: z.RefinementCtx, message: string): never {
  complain(context, [], message);
  return z.NEVER;
}

const text = z.string('is not text').meta({ isSecret: true });
const optionalText = text.optional();

/** One of these names. An unknown one is repeated only when it is short words and digits. */
function name<Names extends Readonly<Record<string, string>>>(names: Names, unknown: string) {
  return text.transform((given, context): keyof Names & string => {
    if (Object.hasOwn(names, given)) return given;
    const shown = /^(?!.*[A-Za-z0-9]{12})[\w-]{1,48}$/.test(given) ? `: ${given}` : '';
    return refuse(context, `${unknown}${shown}; allowed: ${Object.keys(names).join(', ')}`);
  });
}

/** YAML 1.1 has them all, in lower case, capitals or capitalized. */
const boolean = text.transform((given, context) => {
  if (/^(?:[Tt]rue|TRUE|[Yy]es|YES|[Oo]n|ON|[Yy])$/.test(given)) return true;
  if (/^(?:[Ff]alse|FALSE|[Nn]o|NO|[Oo]ff|OFF|[Nn])$/.test(given)) return false;
  return refuse(context, 'the value is not a boolean; allowed: true or false');
});

const count = text.transform((given, context) => {
  if (/^\d{1,15}$/.test(given)) return Number(given);
  return refuse(context, 'the value is not a whole number; allowed: 0 or more');
});

const seconds: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  µ: 1e-6,
  μ: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds, from a Go duration. A number without a unit would be nanoseconds, and is most likely a mistake. */
const duration = text.transform((given, context) => {
  if (/^[-+]?0$/.test(given)) return 0;
  if (!/^\+?(?:(?:\d+\.?\d*|\.\d+)(?:[nuµμm]?s|m|h))+$/.test(given)) {
    const allowed = 'allowed: 0 or a duration of Go, for example 1s, 100ms or 1m30s';
    return refuse(context, `the value is not a duration; ${allowed}`);
  }
  const parts = [...given.matchAll(/([\d.]+)(ms|[a-zµμ])s?/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (seconds[unit] ?? NaN), 0);
});

/** A text over several lines becomes one line. */
function header(name: string, ...values: string[]) {
  return text.transform((given, context) => {
    const value = given.replaceAll(/[\r\n]+/g, ' ').trim();
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      return refuse(context, 'the value has characters that a header cannot hold');
    if (values.length === 0 || values.includes(value)) return value;
    return refuse(context, `invalid value for ${name}; allowed: ${values.join(', ')}`);
  });
}

const headers = z.strictObject({
  'Strict-Transport-Security': header('Strict-Transport-Security'),
  'X-Content-Type-Options': header('X-Content-Type-Options', 'nosniff'),
  'X-Frame-Options': header('X-Frame-Options', 'deny', 'sameorigin'),
  'X-XSS-Protection': header('X-XSS-Protection'),
  'Content-Security-Policy': header('Content-Security-Policy'),
});

const list = <Kind extends z.ZodType>(kind: Kind) => z.array(kind).meta({ allowed: 'names' });

const tls = z.strictObject({
  cert: optionalText,
  cert_file: optionalText,
  key: optionalText,
  key_file: optionalText,
  client_auth_type: name(clientAuthTypes, 'invalid ClientAuth')
    .transform((type) => clientAuthTypes[type])
    .prefault('NoClientCert'),
  client_ca: optionalText,
  client_ca_file: optionalText,
  client_allowed_sans: list(text).optional(),
  min_version: name(versions, 'unknown TLS version').prefault('TLS12'),
  max_version: name(versions, 'unknown TLS version').prefault('TLS13'),
  cipher_suites: list(name(cipherSuites, 'unknown cipher')).prefault([]),
  prefer_server_cipher_suites: boolean.prefault('true'),
  curve_preferences: list(name(curves, 'unknown curve').transform((curve) => curves[curve])).prefault([]),
});

export const tlsKeys = Object.keys(tls.shape);

export const webConfigSchema = z.strictObject({
  tls_server_config: tls.prefault({}),
  http_server_config: z
    .strictObject({ http2: boolean.prefault('true'), headers: headers.partial().prefault({}) })
    .prefault({}),
  // Users can have any name: they are read without the schema.
  basic_auth_users: z.unknown().optional(),
  rate_limit: z.strictObject({ interval: duration.prefault('0'), burst: count.prefault('0') }).prefault({}),
});

export type TlsValues = z.output<typeof tls>;

/** Keys that are no secrets, whatever they look like. */
export const knownKeys = [
  'http2',
  ...tlsKeys,
  ...Object.keys(headers.shape),
  ...Object.keys(webConfigSchema.shape),
];
