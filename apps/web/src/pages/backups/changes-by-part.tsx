// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as something else may be read as something else
import type { api, RouteAnswer } from '@rootcellar/api';
import { BreakableName } from '../../parts/breakable-name.tsx';
import { useLanguage } from '../../words/language.tsx';

export const CHANGES = ['added', 'changed', 'removed'] as const;
export type Change = (typeof CHANGES)[number];

type Tallies = RouteAnswer<typeof api.backups.compareBackups>['byApp'];

/**
 * How many files came, changed and went in each app or part, those with most new data first.
 *
 * Where there is little room each name takes a line of its own, with its numbers below.
 */
export function ChangesByPart({
  title,
  parts,
  nameOf = (name) => name,
}: {
  readonly title: string;
  readonly parts: Tallies;
  readonly nameOf?: (name: string) => string;
}) {
  const { words } = useLanguage();
  const { compare } = words.backups;
  const rows = Object.entries(parts)
    .filter(([, tallies]) => CHANGES.some((change) => tallies[change].files > 0))
    .sort(([, a], [, b]) => b.added.bytes + b.changed.bytes - a.added.bytes - a.changed.bytes);
  if (rows.length === 0) return null;
  return (
    <section className="card fit">
      <table role="table" className="table by-part" aria-label={title}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {title}
            </th>
            {CHANGES.map((change) => (
              <th role="columnheader" key={change} scope="col" className="r">
                {compare[change]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(([name, tallies]) => (
            <tr role="row" key={name}>
              <th role="rowheader" scope="row">
                <BreakableName name={nameOf(name)} />
              </th>
              {CHANGES.map((change) => (
                <td role="cell" key={change} className="r">
                  <Tally tally={tallies[change]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Tally({ tally }: { readonly tally: Tallies[string][Change] }) {
  const { words, format } = useLanguage();
  if (tally.files === 0) return <span className="three">–</span>;
  return (
    <>
      {words.backups.compare.tally(format.count(tally.files))}
      <span className="cap two block">{format.bytes(tally.bytes)}</span>
    </>
  );
}
