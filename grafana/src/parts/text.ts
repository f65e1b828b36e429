// A few lines of text, for what no number says.
import { PanelBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import type { Place } from './board.ts';

/** `content`: Markdown. */
export function text(title: string, description: string, at: Place, content: string): PanelBuilder {
  const [x, y, w, h] = at;
  return new PanelBuilder()
    .title(title)
    .description(description)
    .gridPos({ x, y, w, h })
    .mode(TextMode.Markdown)
    .content(content);
}
