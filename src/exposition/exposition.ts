// What /metrics answers, kept in memory. Each poll renders and compresses what it changed; a scrape only puts
// finished sections together. Knows families and snapshots, nothing of where they come from.
import pLimit from 'p-limit';
import type { FamilyValues, SampleValue } from '../core/family.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import { publishedSections, publishedValues } from './published-families.ts';
import { type ProjectParts, PublishedProject } from './published-project.ts';
import { type Scraper, Scrapers } from './scrapers.ts';
import { createShortSection, gzipAnswer, identityAnswer, type Section } from './section.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { familyText, type Format, openMetricsEnd } from './text-format.ts';

export type Encoding = 'gzip' | 'identity';

export interface Wanted {
  readonly format: Format;
  readonly encoding: Encoding;
  /** The only project that is wanted; undefined: all. */
  readonly project?: string | undefined;
}

export interface Answer {
  /** Never changed, also after it was sent. */
  readonly body: Buffer;
  /** To be called when a scraper has received the whole body. Resolves once the values due by that are published. */
  readonly receivedBy: (scraper: Scraper) => Promise<void>;
}

/** How long an answer is given again before the exporter's own metrics are looked at again. */
const answerLifetimeMilliseconds = 100;

const endOfOpenMetrics = createShortSection(openMetricsEnd);

/** What was made for one kind of scrapes since the last change. */
interface Made {
  readonly published: readonly Section[];
  readonly own: readonly (readonly FamilyValues[])[];
  readonly body: Promise<Buffer>;
  answer?: Answer;
  madeAt?: number;
}

export class Exposition {
  readonly #self: Pick<SelfMetrics, 'values'>;
  readonly #now: () => number;
  readonly #projects = new Map<string, PublishedProject>();
  readonly #made = new Map<string, Made>();
  /** Uncompressed answers are large: however many ask, one is made at a time. */
  readonly #inflateInTurn = pLimit(1);
  readonly #failed: (error: unknown) => void;
  readonly #mayPublish: () => boolean;
  /** Who scrapes: a project that is added shows its rooms to them first. */
  readonly #scrapers: Scrapers;

  /** `now`: monotonic milliseconds. `failed` hears of failures after an answer was received. Projects only if `mayPublish`. */
  constructor(
    self: Pick<SelfMetrics, 'values'>,
    now: () => number,
    failed = (error: unknown): void => {
      throw error;
    },
    mayPublish = () => true,
  ) {
    this.#self = self;
    this.#now = now;
    this.#failed = failed;
    this.#mayPublish = mayPublish;
    this.#scrapers = new Scrapers(now());
  }

  async openProject(
    name: string,
    initial: ProjectSnapshot,
    parts: ProjectParts = {},
  ): Promise<PublishedProject> {
    const project = new PublishedProject(name, initial, parts, {
      projects: this.#projects,
      changed: () => this.#made.clear(),
      now: this.#now,
      scrapers: this.#scrapers,
    });
    await project.open();
    return project;
  }

  has(project: string): boolean {
    return this.#projects.has(project);
  }

  /** Own metrics are at most 100 ms old; an unknown project has no others. While nothing changes, the body is the same. */
  metrics(wanted: Wanted): Answer | Promise<Answer> {
    const { answer, madeAt = 0 } = this.#made.get(keyOf(wanted, this.#mayPublish())) ?? {};
    if (answer && this.#now() - madeAt < answerLifetimeMilliseconds) return answer;
    return this.#make(wanted);
  }

  async #make(wanted: Wanted): Promise<Answer> {
    const madeAt = this.#now();
    const own = await this.#self.values();
    const mayPublish = this.#mayPublish();
    const projects = mayPublish ? this.#wanted(wanted.project) : [];
    const receivedBy = this.#receipt(projects);
    const key = keyOf(wanted, mayPublish);
    let made = this.#made.get(key);
    if (!made || own.some((families, group) => families !== made?.own[group])) {
      const published = made?.published ?? publishedSections(projects, wanted.format);
      const sections = [
        ...published,
        ...own.map((families) => ownSection(families, wanted)),
        ...(wanted.format === 'openmetrics' ? [endOfOpenMetrics] : []),
      ];
      const body =
        wanted.encoding === 'gzip' ? gzipAnswer(sections) : this.#inflateInTurn(identityAnswer, sections);
      made = { published, own, body: Promise.resolve(body) };
      this.#made.set(key, made);
      made.body.catch(() => this.#made.delete(key));
    }
    made.answer = { body: await made.body, receivedBy };
    made.madeAt = madeAt;
    return made.answer;
  }

  /** All of the exposition as values. They stay as they are while they are read, whatever is published meanwhile. */
  async values(): Promise<{ families: Iterable<FamilyValues> } & Pick<Answer, 'receivedBy'>> {
    const own = await this.#self.values();
    const projects = this.#mayPublish() ? this.#wanted() : [];
    return { families: [...publishedValues(projects), ...own.flat()], receivedBy: this.#receipt(projects) };
  }

  #wanted(project?: string): readonly PublishedProject[] {
    const projects = [...this.#projects.values()];
    return project === undefined ? projects : projects.filter(({ name }) => name === project);
  }

  #receipt(projects: readonly PublishedProject[]): Answer['receivedBy'] {
    const receipts = projects.map((project) => project.receipt());
    return async (scraper) => {
      this.#scrapers.received(scraper, 0, this.#now());
      const published = receipts.map((receipt) => receipt(scraper).catch(this.#failed));
      await Promise.all(published);
    };
  }
}

/** What was made with projects must not be given without, nor the reverse. */
function keyOf({ format, encoding, project }: Wanted, mayPublish: boolean): string {
  return `${format} ${encoding} ${String(mayPublish)} ${project ?? ''}`;
}

/** The exporter's own metrics about one project, and about no project; all when no project is named. */
function ownSection(families: readonly FamilyValues[], { format, project }: Wanted): Section {
  const isWanted = ({ labels }: SampleValue) =>
    project === undefined || (labels['project'] ?? project) === project;
  const texts = families.map((family) =>
    familyText({ ...family, samples: [...family.samples].filter(isWanted) }, format),
  );
  return createShortSection(texts.join(''));
}
