/** The mark: a beet in the door of a cellar. */
export function Brand() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 29V15.5a13 13 0 0 1 26 0V29z" fill="var(--rc-earth-2)" />
      <path d="M6.5 29V16a9.5 9.5 0 0 1 19 0v13z" fill="var(--rc-lamp)" />
      <path
        d="M16 26.8c-.5-1.7-1.2-2.6-2.7-3.5-1.7-1-2.8-2.5-2.8-4.4 0-2.7 2.4-4.3 5.5-4.3s5.5 1.6 5.5 4.3c0 1.9-1.1 3.4-2.8 4.4-1.5.9-2.2 1.8-2.7 3.5z"
        fill="#8d4068"
      />
      <path
        d="M16 14.8c-.3-2.3-2-3.9-4.3-4.1.2 2.5 1.9 4 4.3 4.1zm0 0c.3-2.3 2-3.9 4.3-4.1-.2 2.5-1.9 4-4.3 4.1z"
        fill="#4b7d43"
      />
    </svg>
  );
}
