// What every panel has: a title, a description, a place.

/** Where a panel stands: the grid is 24 wide, a unit of height is 38 pixels. */
export type Place = readonly [x: number, y: number, w: number, h: number];

export interface Frame {
  readonly title: string;
  /** What it says, and what to do when it is not as it should be. */
  readonly description: string;
  readonly at: Place;
}

/** The builders of all kinds of panels have these methods; their library has no type for that. */
interface Framable {
  title(title: string): this;
  description(description: string): this;
  gridPos(place: { x: number; y: number; w: number; h: number }): this;
}

export function framed<Panel extends Framable>(panel: Panel, { title, description, at }: Frame): Panel {
  const [x, y, w, h] = at;
  return panel.title(title).description(description).gridPos({ x, y, w, h });
}
