// Whether a rule depends on labels that a scrape configuration gives its targets: `pod`, `node` and others are on every series
// that is scraped, change in a rollout, and are in the way where two series of the same exporter meet.
import { parser } from '@prometheus-io/lezer-promql';

interface Node {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly firstChild: Node | null;
  readonly nextSibling: Node | null;
}

/** Whose labels an expression answers with, the safest first. */
const kinds = ['no series', 'named', 'recorded', 'scraped'] as const;
type Labels = (typeof kinds)[number];

/**
 * The parts of an expression that keep the labels of targets where they must not: in what the expression answers, and on the
 * sides of operators that match series one to one. What is recorded has the labels of its rule; it counts where it is matched
 * `on` labels, because several servers may have recorded it.
 */
export function partsWithTargetLabels(expression: string): string[] {
  const found = new Set<string>();
  const textOf = ({ from, to }: Node): string => expression.slice(from, to);

  const labelsOf = (node: Node): Labels => {
    const children = childrenOf(node);
    switch (node.name) {
      case 'VectorSelector':
        return /^(\w+:|\{)/.test(textOf(node)) ? 'recorded' : 'scraped';
      case 'AggregateExpr': {
        const inner = most(children.map(labelsOf));
        const named = children.some(
          (child) => child.name === 'AggregateModifier' && /^by\b/.test(textOf(child)),
        );
        const keepsSeries = /^(topk|bottomk)\b/.test(textOf(node));
        return keepsSeries || !(named || /^\w+ ?\(/.test(textOf(node))) ? inner : 'named';
      }
      case 'FunctionCall': {
        const inner = most(children.map(labelsOf));
        if (/^(time|scalar)\b/.test(textOf(node))) return 'no series';
        return /^(absent|vector)\b/.test(textOf(node)) ? 'named' : inner;
      }
      case 'BinaryExpr':
        return labelsOfBinary(children);
      default:
        return most(children.map(labelsOf));
    }
  };

  const labelsOfBinary = (children: readonly Node[]): Labels => {
    const sides = [children[0]!, children.at(-1)!].map((side) => [side, labelsOf(side)] as const);
    const [left, right] = sides.map(([, labels]) => labels) as [Labels, Labels];
    if (children.some(({ name }) => name === 'Or')) return most([left, right]);
    // Sets never match too many.
    if (children.some(({ name }) => name === 'And' || name === 'Unless')) return left;
    if (left !== 'no series' && right !== 'no series') {
      const matching = children.find(({ name }) => name === 'MatchingModifierClause');
      const clause = matching ? textOf(matching) : '';
      for (const [side, labels] of sides) {
        const isMany = /group_left/.test(clause)
          ? side === children[0]
          : /group_right/.test(clause) && side !== children[0];
        if (labels === 'scraped' || (labels === 'recorded' && /^on\b/.test(clause) && !isMany))
          found.add(textOf(side));
      }
    }
    return most([left, right]);
  };

  const top = parser.parse(expression).topNode as unknown as Node;
  if (labelsOf(top) === 'scraped') found.add(expression);
  return [...found];
}

function most(labels: readonly Labels[]): Labels {
  return kinds[Math.max(0, ...labels.map((each) => kinds.indexOf(each)))]!;
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}
