import { expect, test } from 'vitest';
import { BasicAuth } from '../../src/http/basic-auth.ts';

const hashOf = (password: string, cost = '10') => `$2y$${cost}$hash of ${password}`;
const users = new Map([
  ['alice', hashOf('alice123')],
  ['bob', hashOf('bob: 123')],
]);

function header(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Comparisons that are done at once, and what was compared. */
function authentication() {
  const compared: { password: string; hash: string }[] = [];
  const auth = new BasicAuth((password, hash) => {
    compared.push({ password, hash });
    return Promise.resolve(hash.endsWith(`hash of ${password}`));
  });
  return { auth, compared };
}

test.each([
  { name: 'a user with its password', authorization: header('alice', 'alice123'), want: true },
  { name: 'a password with a colon', authorization: header('bob', 'bob: 123'), want: true },
  {
    name: 'the scheme in any letters, with more than one space',
    authorization: header('alice', 'alice123').replace('Basic ', 'bASIC  '),
    want: true,
  },
  { name: 'a wrong password', authorization: header('alice', 'alice124'), want: false },
  { name: "another user's password", authorization: header('alice', 'bob: 123'), want: false },
  { name: 'an unknown user', authorization: header('carol', 'alice123'), want: false },
  { name: 'the password that nobody has', authorization: header('carol', 'fakepassword'), want: false },
  { name: 'a name in other letters', authorization: header('Alice', 'alice123'), want: false },
  { name: 'nothing', authorization: undefined, want: false },
  {
    name: 'another scheme',
    authorization: header('alice', 'alice123').replace('Basic', 'Bearer'),
    want: false,
  },
  { name: 'what is not Base64', authorization: 'Basic alice:alice123', want: false },
  { name: 'a name alone', authorization: `Basic ${Buffer.from('alice').toString('base64')}`, want: false },
])('answers $want to $name, also the second time', async ({ authorization, want }) => {
  const { auth } = authentication();
  expect(await auth.admits(authorization, users)).toBe(want);
  expect(await auth.admits(authorization, users)).toBe(want);
});

test('compares a password once, whatever came of it', async () => {
  const { auth, compared } = authentication();
  for (const password of ['alice123', 'wrong', 'alice123', 'wrong']) {
    await auth.admits(header('alice', password), users);
  }
  expect(compared.map(({ password }) => password)).toEqual(['alice123', 'wrong']);
  expect(auth.admits(header('alice', 'alice123'), users)).toBe(true);
  expect(auth.admits(header('alice', 'wrong'), users)).toBe(false);
});

test('compares again when the hash has changed, and knows nobody who is gone', async () => {
  const { auth, compared } = authentication();
  await auth.admits(header('alice', 'alice123'), users);
  const changed = new Map([['alice', hashOf('new')]]);
  expect(await auth.admits(header('alice', 'alice123'), changed)).toBe(false);
  expect(await auth.admits(header('alice', 'new'), changed)).toBe(true);
  expect(compared).toHaveLength(3);
  expect(await auth.admits(header('alice', 'new'), new Map([['bob', hashOf('bob')]]))).toBe(false);
});

test('compares a password that is given many times at once only once', async () => {
  const { auth, compared } = authentication();
  const verdicts = Array.from({ length: 300 }, () => auth.admits(header('alice', 'alice123'), users));
  expect(await Promise.all(verdicts)).toEqual(Array.from({ length: 300 }, () => true));
  expect(compared).toHaveLength(1);
});

// CVE-2022-46146: exporter-toolkit once remembered verdicts by what the parts read in one piece.
test('is not taken in by names and passwords that read the same in one piece', async () => {
  const { auth } = authentication();
  const hash = users.get('alice') ?? '';
  expect(await auth.admits(header(`alice${hash}`, 'fakepassword'), users)).toBe(false);
  expect(await auth.admits(header('alice', `${hash}fakepassword`), users)).toBe(false);
  expect(await auth.admits(header('alice', 'alice12'), users)).toBe(false);
  expect(await auth.admits(header('alice', 'alice123'), users)).toBe(true);
});

test('compares an unknown name with a hash as costly as those of users', async () => {
  const { auth, compared } = authentication();
  await auth.admits(header('nobody', 'first'), new Map([['alice', hashOf('a', '12')]]));
  expect(compared.map(({ hash }) => hash.slice(0, 7))).toEqual(['$2y$12$']);
});

test('wrong passwords never push out what is known of a right one', async () => {
  const { auth, compared } = authentication();
  await auth.admits(header('alice', 'alice123'), users);
  for (let attempt = 0; attempt < 500; attempt++)
    await auth.admits(header('alice', `guess ${attempt}`), users);
  expect(auth.admits(header('alice', 'alice123'), users)).toBe(true);
  // The oldest guesses are forgotten.
  expect(auth.admits(header('alice', 'guess 499'), users)).toBe(false);
  expect(await auth.admits(header('alice', 'guess 0'), users)).toBe(false);
  expect(compared).toHaveLength(502);
});

test('compares one password at a time', async () => {
  let running = 0;
  const auth = new BasicAuth(async () => {
    expect(++running).toBe(1);
    await Promise.resolve();
    running -= 1;
    return true;
  });
  const guesses = Array.from({ length: 20 }, (_, guess) => auth.admits(header('alice', `${guess}`), users));
  expect(await Promise.all(guesses)).not.toContain(false);
});

test('does not remember a comparison that failed', async () => {
  let fails = true;
  const auth = new BasicAuth(() => (fails ? Promise.reject(new Error('no thread')) : Promise.resolve(true)));
  await expect(auth.admits(header('alice', 'alice123'), users)).rejects.toThrow('no thread');
  fails = false;
  expect(await auth.admits(header('alice', 'alice123'), users)).toBe(true);
});
