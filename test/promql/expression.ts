// What a PromQL expression names: its metrics, the labels it matches and groups by. Reads the syntax alone and
// knows no metric.
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  readonly metric: string;
  /** The labels that are matched. */
  readonly labels: readonly string[];
  /** The function that is called with this selector over a range; undefined without one. */
  readonly rangeFunction: string | undefined;
}

export interface Expression {
  /** The text from where it is no PromQL any more, one for each mistake. */
  readonly mistakes: readonly string[];
  readonly selectors: readonly Selector[];
  /** The labels that are grouped by, joined on or taken over. */
  readonly groupingLabels: readonly string[];
}

export function readExpression(text: string): Expression {
  const mistakes: string[] = [];
  const selectors: { metric: string; labels: string[]; rangeFunction: string | undefined }[] = [];
  const groupingLabels: string[] = [];
  const path: { name: string; text: string }[] = [];
  parser.parse(text).iterate({
    enter: ({ name, type, from, to }) => {
      const node = { name, text: text.slice(from, to) };
      const parent = path.at(-1)?.name;
      path.push(node);
      if (type.isError) mistakes.push(text.slice(from));
      if (name === 'VectorSelector') {
        selectors.push({ metric: '', labels: [], rangeFunction: rangeFunctionIn(path) });
      }
      const selector = selectors.at(-1);
      if (name === 'Identifier' && parent === 'VectorSelector' && selector) selector.metric = node.text;
      if (name === 'LabelName' && parent === 'GroupingLabels') groupingLabels.push(node.text);
      else if (name === 'LabelName') selector?.labels.push(node.text);
    },
    leave: () => {
      path.pop();
    },
  });
  return { mistakes, selectors, groupingLabels };
}

/** The function whose argument is the range, or the subquery, that the last node of the path is in. */
function rangeFunctionIn(path: readonly { name: string; text: string }[]): string | undefined {
  const matrix = path.findLastIndex(({ name }) => name === 'MatrixSelector');
  const range = matrix < 0 ? path.findLastIndex(({ name }) => name === 'SubqueryExpr') : matrix;
  if (range < 0) return undefined;
  const call = path.slice(0, range).findLast(({ name }) => name === 'FunctionCall');
  return call?.text.slice(0, call.text.indexOf('('));
}
