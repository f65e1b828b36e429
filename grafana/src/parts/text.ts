// A few lines of text, for what no number says.
import { PanelBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { framed, type Frame } from './frame.ts';

/** `content`: Markdown. */
export function text({ content, ...frame }: Frame & { readonly content: string }): PanelBuilder {
  return framed(new PanelBuilder(), frame).mode(TextMode.Markdown).content(content);
}
