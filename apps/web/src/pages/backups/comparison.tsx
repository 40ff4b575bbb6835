import type { api, RouteAnswer } from '@rootcellar/api';
import { Icon, type IconName } from '../../drawing/icon.tsx';
import { BreakableName } from '../../parts/breakable-name.tsx';
import { useLanguage } from '../../words/language.tsx';
import { domainName } from '../browse/domain-name.ts';
import { CHANGES, type Change, ChangesByPart } from './changes-by-part.tsx';
import './compare.css';

type Found = RouteAnswer<typeof api.backups.compareBackups>;

const ICON_OF: Readonly<Record<Change, IconName>> = { added: 'plus', changed: 'pencil', removed: 'trash' };

/** Files are listed as far as the eye goes; the numbers say the rest. */
const SHOWN_MAX = 300;

/** What two versions differ in: numbers, then by part of the phone, then file by file. */
export function Comparison({ found }: { readonly found: Found }) {
  const { words, format } = useLanguage();
  const { compare } = words.backups;
  const isSame = CHANGES.every((change) => found[change].files === 0);
  if (isSame) return <p className="note safe">{compare.same}</p>;
  const differences = inOrder(found.differences);
  const leftOut = found.differencesLeftOut + Math.max(0, found.differences.length - SHOWN_MAX);
  return (
    <>
      <dl className="tallies">
        {CHANGES.map((change) => (
          <div key={change} className="card in">
            <dt className="row two">
              <Icon name={ICON_OF[change]} small /> {compare[change]}
            </dt>
            <dd className="figure">{format.count(found[change].files)}</dd>
            <dd className="cap two">{format.bytes(found[change].bytes)}</dd>
          </div>
        ))}
      </dl>
      <ChangesByPart title={compare.byApp} parts={found.byApp} />
      <ChangesByPart
        title={compare.byDomain}
        parts={found.byDomain}
        nameOf={(domain) => domainName(domain)}
      />
      <section className="card fit">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{compare.files}</th>
              <th scope="col" className="r">
                {words.backups.size}
              </th>
            </tr>
          </thead>
          <tbody>
            {differences.slice(0, SHOWN_MAX).map(({ change, domain, path, sizeBytes }) => (
              <tr key={`${change} ${domain} ${path}`}>
                <td>
                  <span className="row start">
                    <Icon name={ICON_OF[change]} small label={compare[change]} />
                    <span>
                      <BreakableName name={path} />
                      <span className="cap two block">
                        <BreakableName name={domainName(domain)} />
                      </span>
                    </span>
                  </span>
                </td>
                <td className="r">{format.bytes(sizeBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {leftOut > 0 && <p className="cap two in">{compare.leftOut(format.count(leftOut))}</p>}
      </section>
    </>
  );
}

/** By part of the phone and by name, as people look for them; the list comes in the order of the backup. */
function inOrder(differences: Found['differences']): Found['differences'] {
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return differences.toSorted(
    (a, b) => compare(domainName(a.domain), domainName(b.domain)) || compare(a.path, b.path),
  );
}
