/** Where words are on a drawing, in px of the window. */
export interface LabelBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Closer than this two labels read as one. */
const GAP_PX = 8;

/** Less than this is rounding. */
const ROUNDING_PX = 0.5;

/**
 * Which labels can be read: those that lie wholly in the field and touch none that comes before them in the list.
 *
 * @param labels the most important first
 */
export function readableLabels<Label extends LabelBox>(
  labels: readonly Label[],
  field: LabelBox,
): readonly Label[] {
  const readable: Label[] = [];
  for (const label of labels) {
    const isWhole = label.left >= field.left - ROUNDING_PX && label.right <= field.right + ROUNDING_PX;
    if (isWhole && !readable.some((other) => touches(label, other))) readable.push(label);
  }
  return readable;
}

function touches(one: LabelBox, other: LabelBox): boolean {
  const isBeside = one.left < other.right + GAP_PX && other.left < one.right + GAP_PX;
  return isBeside && one.top < other.bottom && other.top < one.bottom;
}
