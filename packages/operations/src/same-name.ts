/** What phones and clever keyboards write for the apostrophe of a plain one: ‘ ’ ʼ. */
const APOSTROPHES = /[\u2018\u2019\u02bc]/g;

/** Is it the name of that phone, as a person types it? Capitals, the kind of apostrophe and spaces make no difference. */
export function isSameName(typed: string, name: string): boolean {
  return plain(typed) === plain(name);
}

function plain(text: string): string {
  return text.normalize('NFKC').replace(APOSTROPHES, "'").replace(/\s+/g, ' ').trim().toLowerCase();
}
