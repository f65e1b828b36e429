// Certificates and keys as PEM: whether they can be used, in words. Never says what stands in a key.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { Report } from '../config/given.ts';

/** Text that should be PEM, and how an error calls its place. */
export interface Pem {
  readonly label: string;
  readonly text: string;
}

/** The first certificate, that of the server itself; what follows is its chain. */
export function readCertificate({ label, text }: Pem, report: Report): X509Certificate | undefined {
  const [first] = readCertificates({ label, text }, report) ?? [];
  return first;
}

/** The key without a passphrase that belongs to the certificate. */
export function readPrivateKey({ label, text }: Pem, report: Report): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    const encrypted = /^-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(text);
    return void report(
      encrypted
        ? `${label}: the private key is encrypted, and nobody is there to ask for its passphrase; store it without`
        : `${label}: there is no private key in PEM format`,
    );
  }
}

/** All certificates, at least one; undefined when there is none, or one cannot be read, which is reported. */
export function readCertificates({ label, text }: Pem, report: Report): X509Certificate[] | undefined {
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
export function trustedAuthorities(certificates: readonly X509Certificate[]): string {
  return certificates
    .map(({ raw }) => {
      const lines =
        Buffer.concat([raw, trustedForClients])
          .toString('base64')
          .match(/.{1,64}/g) ?? [];
      return `-----BEGIN TRUSTED CERTIFICATE-----\n${lines.join('\n')}\n-----END TRUSTED CERTIFICATE-----\n`;
    })
    .join('');
}
