// What a client prefers, by the headers of its request. Clients send the same ones with every request: what they come
// to is remembered.
import { chooseEncoding, type Encoding } from './accept-encoding.ts';
import { chooseFormat, type Format } from './accept-format.ts';

export interface Preference {
  readonly format: Format;
  readonly encoding: Encoding;
}

/** Nobody has more kinds of scrapers; whoever sends other headers each time makes no memory grow. */
const mostRemembered = 16;

export class Preferences {
  readonly #remembered = new Map<string, Preference>();

  /** Of the headers Accept and Accept-Encoding. */
  of(accept = '', acceptEncoding = ''): Preference {
    const headers = `${accept}\n${acceptEncoding}`;
    let preference = this.#remembered.get(headers);
    if (!preference) {
      preference = { format: chooseFormat(accept), encoding: chooseEncoding(acceptEncoding) };
      if (this.#remembered.size === mostRemembered) this.#remembered.clear();
      this.#remembered.set(headers, preference);
    }
    return preference;
  }
}
