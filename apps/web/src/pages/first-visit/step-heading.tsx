/** The heading of a step. It takes the focus when the step begins, so that a screen reader tells it. */
export function StepHeading({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div className="stack near">
      <h1 tabIndex={-1}>{title}</h1>
      <p className="lead">{text}</p>
    </div>
  );
}
