// What `tls_server_config` comes to for node:tls: the certificate the server shows, which clients it lets in, what it
// negotiates. Certificates and keys are PEM, in the file or in one that it names; no message repeats any of a key.
import { constants, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Report } from '../config/mistakes.ts';
import { cipherSuites, versions, type TlsValues } from './schema.ts';
import type { TlsConfig } from './web-config.ts';

export interface TlsSource {
  /** Undefined where something is wrong in the file. */
  readonly values: TlsValues | undefined;
  /** How messages call the place of a key, or of the section. */
  readonly label: (...keys: string[]) => string;
  /** The text of a file whose path is relative to the web configuration file; undefined when it cannot be read. */
  readonly readFile: (path: string, label: string) => string | undefined;
}

/** These ask for TLS. Versions, suites and curves alone do not, as in exporter-toolkit. */
const askingKeys = [
  'cert',
  'cert_file',
  'key',
  'key_file',
  'client_ca',
  'client_ca_file',
  'client_auth_type',
];

/** Undefined when the section does not ask for TLS, or has mistakes. */
export function readTls(
  section: Readonly<Record<string, unknown>>,
  { values, label, readFile }: TlsSource,
  report: Report,
): TlsConfig | undefined {
  /** The value of a key, or the content of the file that its `_file` key names; undefined when it cannot be read. */
  const pem = (key: 'cert' | 'key' | 'client_ca'): Pem | 'missing' | undefined => {
    const { [key]: inline, [`${key}_file`]: file } = section;
    const place = label(`${key}_file`);
    if (inline !== undefined && file !== undefined) {
      report(`${place}: ${key} is set as well; remove one of the two`);
    }
    if (inline !== undefined) return { label: label(key), text: String(inline) };
    if (file === undefined) return 'missing';
    const text = readFile(String(file), place);
    return text === undefined ? undefined : { label: `${place} (content of the file)`, text };
  };
  const authorities = pem('client_ca');
  const ca = typeof authorities === 'object' ? readCertificates(authorities, report) : undefined;
  const { client_auth_type: clientAuth = 'NoClientCert', client_allowed_sans: allowedNames } = values ?? {};
  if (!('client_auth_type' in section) || (values && clientAuth === 'NoClientCert')) {
    reportIdleRules(section, label, report);
  }
  const asksForTls = askingKeys.some((key) => key in section);
  const identity = asksForTls ? readIdentity(pem, label(), report) : undefined;
  const { min_version: min = 'TLS12', max_version: max = 'TLS13' } = values ?? {};
  if (min > max) report(`${label()}: min_version ${min} is above max_version ${max}`);
  if (!identity || !values) return undefined;

  const context: SecureContextOptions = {
    ...identity,
    ...negotiation(values),
    ...(ca && { ca: trustedAuthorities(ca) }),
    secureOptions:
      constants.SSL_OP_NO_RENEGOTIATION |
      // Each connection shows its certificate; none counts as verified because an earlier one was.
      (clientAuth === 'NoClientCert' ? 0 : constants.SSL_OP_NO_TICKET),
  };
  try {
    createSecureContext(context);
  } catch (error) {
    // OpenSSL's reason repeats nothing: `ee key too small`.
    const { reason = 'for a reason unknown' } = error as { reason?: string };
    return void report(`${label()}: OpenSSL refuses the certificate, the key or the options: ${reason}`);
  }
  return { context, clientAuth, allowedNames };
}

/** Rules for certificates that no client is asked for, in the words of exporter-toolkit. */
function reportIdleRules(section: object, label: TlsSource['label'], report: Report): void {
  const mend = 'set client_auth_type, to RequireAndVerifyClientCert if in doubt';
  for (const key of ['client_ca', 'client_ca_file', 'client_allowed_sans'].filter((one) => one in section)) {
    report(`${label(key)}: client CA's have been configured without a Client Auth Policy; ${mend}`);
  }
}

/** Text that should be PEM, and how messages call its place. */
interface Pem {
  readonly label: string;
  readonly text: string;
}

/** The server's certificate with its chain, and its key. */
function readIdentity(
  pem: (key: 'cert' | 'key') => Pem | 'missing' | undefined,
  label: string,
  report: Report,
): Pick<SecureContextOptions, 'cert' | 'key'> | undefined {
  const [cert, key] = [pem('cert'), pem('key')];
  // In the words of exporter-toolkit.
  if (cert === 'missing') report(`${label}: missing one of cert or cert_file`);
  if (key === 'missing') report(`${label}: missing one of key or key_file`);
  const certificate = typeof cert === 'object' && readCertificates(cert, report)?.[0];
  const privateKey = typeof key === 'object' && readPrivateKey(key, report);
  if (!certificate || !privateKey) return undefined;
  if (!certificate.checkPrivateKey(privateKey)) {
    return void report(`${key.label}: the private key does not belong to the certificate`);
  }
  return { cert: cert.text, key: key.text };
}

function readPrivateKey({ label, text }: Pem, report: Report): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    const encrypted = /^-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(text);
    return void report(
      encrypted
        ? `${label}: the private key is encrypted, and there is no way to enter its passphrase; store the key without one`
        : `${label}: there is no private key in PEM format`,
    );
  }
}

/** All certificates, at least one; undefined when there is none, or one cannot be read, which is reported. */
function readCertificates({ label, text }: Pem, report: Report): X509Certificate[] | undefined {
  const blocks = text.match(/^-----BEGIN CERTIFICATE-----$.*?^-----END CERTIFICATE-----$/gms) ?? [];
  if (blocks.length === 0) return void report(`${label}: there is no certificate in PEM format`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return void report(`${label}: a certificate is damaged`);
  }
}

/** `extKeyUsage clientAuth` as the trust that OpenSSL keeps behind a certificate (X509_CERT_AUX). */
const trustedForClients = Buffer.from('300c300a06082b06010505070302', 'hex');

/**
 * Certificate authorities as OpenSSL's trusted certificates. As such they end a chain also when they are not
 * self-signed: Go trusts an intermediate authority that way, and node:tls has no option for a server to do so.
 */
function trustedAuthorities(certificates: readonly X509Certificate[]): string {
  return certificates
    .map(({ raw }) => {
      const base64 = Buffer.concat([raw, trustedForClients]).toString('base64');
      const lines = base64.match(/.{1,64}/g) ?? [];
      return `-----BEGIN TRUSTED CERTIFICATE-----\n${lines.join('\n')}\n-----END TRUSTED CERTIFICATE-----\n`;
    })
    .join('');
}

const allSuites = Object.keys(cipherSuites) as (keyof typeof cipherSuites)[];
/** Always offered: Go ignores the list for TLS 1.3, and Node would switch TLS 1.3 off if none were listed. */
const tls13Suites = allSuites.filter((suite) => cipherSuites[suite] === suite);

function negotiation(values: TlsValues): SecureContextOptions {
  const { min_version: min = 'TLS12', max_version: max = 'TLS13', curve_preferences: curves = [] } = values;
  const { cipher_suites: listed = [], prefer_server_cipher_suites: honorCipherOrder = true } = values;
  const suites = new Set([...(listed.length > 0 ? listed : allSuites), ...tls13Suites]);
  const ciphers: string[] = [...suites].map((suite) => cipherSuites[suite]);
  // OpenSSL's usual level has no signature that TLS 1.0 and 1.1 could use. Who asks for them gets them.
  if (min < 'TLS12') ciphers.push('@SECLEVEL=0');
  return {
    minVersion: versions[min],
    maxVersion: versions[max],
    ciphers: ciphers.join(':'),
    honorCipherOrder,
    ...(curves.length > 0 && { ecdhCurve: curves.join(':') }),
  };
}
