/** "of 18 November, 21:40", "of today, 06:42": a moment, as `Format.moment` writes it, inside a sentence. */
export function ofMoment(moment: string): string {
  return `of ${moment.replace(/^(?:Today|Yesterday)\b/, (day) => day.toLowerCase())}`;
}

/** "vom 18. November, 21:40", but "von heute, 06:42". */
export function vomMoment(moment: string): string {
  const inside = moment.replace(/^(?:Heute|Gestern)\b/, (day) => day.toLowerCase());
  return inside === moment ? `vom ${moment}` : `von ${inside}`;
}
