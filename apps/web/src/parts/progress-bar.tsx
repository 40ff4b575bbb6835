/** How far it is. With no share known it is an empty bar beside words; it never pretends. */
export function ProgressBar({
  fraction,
  label,
  text,
}: {
  /** 0…1 */
  readonly fraction: number | undefined;
  readonly label: string;
  /** The same in words, for those who hear it. */
  readonly text: string;
}) {
  const percent = fraction === undefined ? undefined : Math.floor(fraction * 100);
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={text}
      {...(percent !== undefined && { 'aria-valuenow': percent })}
    >
      <i style={{ width: `${percent ?? 0}%` }} />
    </div>
  );
}
