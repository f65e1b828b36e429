// How projects spread and move between replicas that see one another only through a shared store: by tables, and in a world
// of replicas that come, go, stop and lose sight, where time is a number.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseSeconds as lease, Roster, type Moves } from '../../src/state/roster.ts';
import { assertProperty } from '../property.ts';

const projectsOf = (text: string) => text.split(' ')[1] ?? '';

interface Shared {
  readonly replicas: Map<string, string>;
  readonly owners: Map<string, string>;
}

/** A replica as the program is one, without anything to poll. */
class Replica {
  readonly name: string;
  readonly roster: Roster;
  readonly owned = new Set<string>();
  isUp = true;
  /** It is stopped: it does nothing, and others get no answer. */
  isStopped = false;
  seesStore = true;
  #projects: readonly string[] = [];
  #beats = 0;

  constructor(name: string, projects: readonly string[]) {
    this.name = name;
    this.roster = new Roster(name, projectsOf);
    this.configure(projects);
  }

  configure(projects: readonly string[]): void {
    this.#projects = projects;
    this.roster.projects = new Set(projects);
  }

  step(shared: Shared, now: number, answers: (name: string) => boolean): void {
    if (!this.isUp || this.isStopped || !this.seesStore) return;
    shared.replicas.set(this.name, `${String(++this.#beats)} ${String(this.#projects.length)}`);
    this.roster.see({ replicas: new Map(shared.replicas), owners: new Map(shared.owners) }, now);
    for (const project of this.owned) {
      const owner = this.roster.owner(project);
      if (owner === undefined) shared.owners.set(project, this.name);
      else if (owner !== this.name) this.owned.delete(project);
    }
    for (const name of this.roster.silent(now)) if (!answers(name)) this.roster.declareDead(name);
    this.#move(shared, this.roster.moves(now));
  }

  #move({ owners }: Shared, { take, giveBack }: Moves): void {
    for (const [project, seen] of take) {
      if (owners.get(project) !== seen) continue;
      owners.set(project, this.name);
      this.owned.add(project);
    }
    for (const project of giveBack) {
      this.owned.delete(project);
      owners.set(project, '');
    }
  }
}

class World {
  readonly shared: Shared = { replicas: new Map(), owners: new Map() };
  readonly replicas: Replica[] = [];
  readonly projects: readonly string[];
  now = 0;

  constructor(projects: number, replicas: number) {
    this.projects = Array.from({ length: projects }, (_, index) => `project ${String(index)}`);
    for (let count = 0; count < replicas; count++) this.add();
  }

  add(): Replica {
    const replica = new Replica(`replica-${String(this.replicas.length)}`, this.projects);
    this.replicas.push(replica);
    return replica;
  }

  run(seconds: number): void {
    const answers = (name: string) =>
      this.replicas.some((replica) => replica.name === name && replica.isUp && !replica.isStopped);
    for (const until = this.now + seconds; this.now < until; this.now += 2)
      for (const replica of this.replicas) replica.step(this.shared, this.now, answers);
  }

  get up(): readonly Replica[] {
    return this.replicas.filter(({ isUp, isStopped }) => isUp && !isStopped);
  }

  /** How often each project is polled now. */
  owners(): ReadonlyMap<string, number> {
    const counts = new Map(this.projects.map((project) => [project, 0]));
    for (const { owned } of this.up)
      for (const project of owned) counts.set(project, counts.get(project)! + 1);
    return counts;
  }

  expectNobodyTwice(): void {
    expect(Math.max(0, ...this.owners().values())).toBeLessThanOrEqual(1);
  }

  expectEven(): void {
    expect([...this.owners().values()]).toEqual(this.projects.map(() => 1));
    const counts = this.up.map(({ owned }) => owned.size);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
}

/** A lease, the question whether somebody is still there, and the moves. */
const settle = 3 * lease;

describe('replicas', () => {
  it('come to their share of the projects, and move no more than they have to', () => {
    const world = new World(1000, 4);
    world.run(settle);
    world.expectEven();
    const before = new Map(world.shared.owners);
    world.run(100);
    expect(world.shared.owners).toEqual(before);
    world.add();
    world.run(settle);
    world.expectEven();
    const moved = [...before].filter(([project, owner]) => world.shared.owners.get(project) !== owner);
    expect(moved).toHaveLength(200);
  });

  it('have the projects of one that is killed within 30 seconds', () => {
    const world = new World(10, 3);
    world.run(settle);
    world.replicas[1]!.isUp = false;
    world.run(settle);
    world.expectEven();
    expect(world.shared.owners.size).toBe(10);
  });

  it('leave to one that cannot see the store what it has, as long as it answers', () => {
    const world = new World(9, 3);
    world.run(settle);
    const cutOff = world.replicas[0]!;
    const had = [...cutOff.owned];
    cutOff.seesStore = false;
    world.run(200);
    expect([...cutOff.owned]).toEqual(had);
    world.expectEven();
    cutOff.isUp = false;
    world.run(settle);
    world.expectEven();
  });

  it('wait for one another after a time in which nobody could see the store', () => {
    const world = new World(9, 3);
    world.run(settle);
    const before = new Map(world.shared.owners);
    for (const replica of world.replicas) replica.seesStore = false;
    world.run(200);
    for (const replica of world.replicas.slice(1)) replica.seesStore = true;
    // The last one sees it a moment later, and could not be asked.
    world.replicas[0]!.isStopped = true;
    world.run(6);
    Object.assign(world.replicas[0]!, { isStopped: false, seesStore: true });
    world.run(60);
    expect(world.shared.owners).toEqual(before);
  });

  it('with other projects poll all that somebody knows, and move none for balance', () => {
    const world = new World(6, 2);
    world.replicas[1]!.configure(world.projects.slice(0, 3));
    world.run(6 * lease);
    expect([...world.owners().values()]).toEqual(world.projects.map(() => 1));
    const before = new Map(world.shared.owners);
    world.run(100);
    expect(world.shared.owners).toEqual(before);
  });

  it('never poll a project twice, whatever happens, and always come back to an even share', async () => {
    const event = fc.record({
      kind: fc.constantFrom('kill', 'join', 'stop', 'continue', 'cut', 'mend', 'forget' as const),
      which: fc.nat(5),
      after: fc.integer({ min: 1, max: 40 }),
    });
    const given = fc.record({
      projects: fc.integer({ min: 1, max: 30 }),
      replicas: fc.integer({ min: 1, max: 4 }),
      events: fc.array(event, { maxLength: 12 }),
    });
    await assertProperty(
      fc.property(given, ({ projects, replicas, events }) => {
        const world = new World(projects, replicas);
        world.run(settle);
        for (const { kind, which, after } of events) {
          const replica = world.replicas[which % world.replicas.length]!;
          if (kind === 'kill') replica.isUp &&= world.up.length === 1;
          else if (kind === 'join') world.add();
          // One that is continued finds out what it has lost before it does anything: it sees the store then.
          else if (kind === 'stop') replica.isStopped ||= replica.seesStore && world.up.length > 1;
          else if (kind === 'continue') replica.isStopped = false;
          else if (kind === 'cut') replica.seesStore &&= replica.isStopped;
          else if (kind === 'mend') replica.seesStore = true;
          else if (world.up.every(({ seesStore }) => seesStore)) {
            world.shared.owners.clear();
            world.shared.replicas.clear();
          }
          if (kind === 'continue') world.run(2);
          for (let passed = 0; passed < after; passed += 2) {
            world.run(2);
            world.expectNobodyTwice();
          }
        }
        for (const replica of world.replicas) Object.assign(replica, { isStopped: false, seesStore: true });
        world.run(2 * settle);
        world.expectEven();
      }),
    );
  });
});

describe('what one replica sees', () => {
  /** What others said and have at a time; replica a is this one, of projects p and q. */
  function start(projects: readonly string[] = ['p', 'q'], me = 'a') {
    const roster = new Roster(me, projectsOf);
    roster.projects = new Set(projects);
    const see = (now: number, replicas: Record<string, string>, owners: Record<string, string> = {}) =>
      roster.see(
        { replicas: new Map(Object.entries(replicas)), owners: new Map(Object.entries(owners)) },
        now,
      );
    return { roster, see };
  }

  it('is who has said something within a lease, itself included, and who is silent', () => {
    const { roster, see } = start();
    expect(roster.live(0)).toEqual(['a']);
    for (let now = 0; now < lease; now += 4) see(now, { a: `${String(now)} x`, b: '1 x' }, { p: 'c' });
    // Of c nothing is known but its project.
    expect([roster.live(9), roster.silent(9)]).toEqual([['a', 'b'], []]);
    expect([roster.live(10), roster.silent(10)]).toEqual([['a'], ['b', 'c']]);
    expect([roster.text('b'), roster.text('c'), roster.owner('p'), roster.owner('q')]).toEqual([
      '1 x',
      '',
      'c',
      undefined,
    ]);
    see(12, { a: '9 x', b: '2 x' });
    expect([roster.live(12), roster.silent(12)]).toEqual([['a', 'b'], []]);
  });

  it('is no longer asked for once it is dead, and is buried when it has no project', () => {
    const { roster, see } = start();
    for (let now = 0; now <= lease; now += 5) see(now, { a: 'x', b: '1 x', c: '1 x' }, { p: 'b' });
    roster.declareDead('b');
    roster.declareDead('c');
    roster.declareDead('nobody');
    expect([roster.silent(lease), roster.buried()]).toEqual([[], ['c']]);
    see(lease + 2, { a: 'x', b: '1 x' }, { p: 'a' });
    expect(roster.buried()).toEqual(['b']);
    // It was not: it says something again.
    see(lease + 4, { a: 'x', b: '2 x' }, { p: 'a' });
    expect([roster.buried(), roster.live(lease + 4)]).toEqual([[], ['a', 'b']]);
  });

  it('is silent from its last words on, and a project without an owner from the last one on', () => {
    const { roster, see } = start();
    see(0, { b: '1 x' });
    see(5, {}, { p: 'b', q: 'b' });
    see(10, {}, { q: 'b' });
    expect(roster.silent(10)).toEqual(['b']);
    expect([12, 20].map((now) => roster.moves(now).take.has('p'))).toEqual([false, true]);
  });

  it('means nothing after a time in which nothing was read', () => {
    const { roster, see } = start();
    see(0, { a: 'x', b: '1 x' });
    see(5, { a: 'x', b: '1 x' });
    // A read that is half a lease late is no gap, a later one is.
    expect(roster.silent(lease)).toEqual(['b']);
    see(10.1, { a: 'x', b: '1 x' });
    expect([roster.silent(lease + 5), roster.silent(20.1)]).toEqual([[], ['b']]);
    expect(roster.moves(19).take.size).toBe(0);
  });

  it('are its share of the projects that have had no entry for a lease, and then all that nobody takes', () => {
    const { roster, see } = start();
    const others = (now: number) => ({ a: `${String(now)} x`, b: `${String(now)} x` });
    for (let now = 0; now <= lease; now += 5) see(now, others(now));
    expect(roster.moves(lease - 1).take.size).toBe(0);
    expect(roster.moves(lease).take.size).toBe(1);
    for (let now = lease; now <= 2 * lease; now += 5) see(now, others(now));
    expect([...roster.moves(2 * lease).take].sort()).toEqual([
      ['p', undefined],
      ['q', undefined],
    ]);
  });

  it('are projects that were given back or whose replica is dead, with the owner that was seen', () => {
    const { roster, see } = start();
    for (let now = 0; now <= lease; now += 5) see(now, { a: `${String(now)} x` }, { p: '', q: 'c' });
    expect([roster.moves(lease).take, roster.silent(lease)]).toEqual([new Map([['p', '']]), ['c']]);
    roster.declareDead('c');
    expect(roster.moves(lease).take.get('q')).toBe('c');
  });

  it.each([
    { name: 'gives back what is beyond its share, the last ones', others: '1 2', giveBack: ['r', 's'] },
    { name: 'gives nothing back to one with other projects', others: '1 3', giveBack: [] },
  ])('$name', ({ others, giveBack }) => {
    const { roster, see } = start(['p', 'q', 'r', 's']);
    see(0, { a: '1 2', b: others }, { p: 'a', q: 'a', r: 'a', s: 'a' });
    expect(roster.moves(0)).toEqual({ take: new Map(), giveBack });
  });

  it.each([
    { me: 'a', owners: { p: 'a', q: 'a', r: 'b' }, take: 0 },
    { me: 'b', owners: { p: 'a', q: 'a', r: 'b' }, take: 0 },
    { me: 'b', owners: { p: 'b', q: 'b', r: 'a' }, take: 0 },
    { me: 'a', owners: { p: 'a', q: 'b', r: '' }, take: 1 },
    { me: 'b', owners: { p: 'a', q: 'b', r: '' }, take: 0 },
  ])('$me takes $take of three projects of two replicas, $owners, and gives none back', (given) => {
    const { roster, see } = start(['p', 'q', 'r'], given.me);
    see(0, { a: '1 x', b: '1 x' }, given.owners);
    const { take, giveBack } = roster.moves(0);
    expect([take.size, giveBack]).toEqual([given.take, []]);
  });

  it('is to two replicas that start at once another project first', () => {
    const projects = Array.from({ length: 20 }, (_, number) => `project ${String(number)}`);
    const owners = Object.fromEntries(projects.map((project) => [project, '']));
    const taken = ['a', 'b'].map((me) => {
      const { roster, see } = start(projects, me);
      see(0, { a: '1 x', b: '1 x' }, owners);
      return [...roster.moves(0).take.keys()];
    });
    expect(taken.map((names) => names.length)).toEqual([10, 10]);
    expect(new Set(taken.flat()).size).toBeGreaterThan(12);
  });

  it('gives nothing back while another project is free, or when all have their share', () => {
    const { roster, see } = start(['p', 'q', 'r', 's']);
    see(0, { a: '1 x', b: '1 x' }, { p: 'a', q: 'a', r: 'a', s: '' });
    expect(roster.moves(0)).toEqual({ take: new Map(), giveBack: [] });
    see(1, { a: '1 x', b: '1 x' }, { p: 'a', q: 'a', r: 'b', s: 'b' });
    expect(roster.moves(1)).toEqual({ take: new Map(), giveBack: [] });
  });
});
