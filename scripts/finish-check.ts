/** Ends a check: prints what is wrong, or in a few words that nothing is, and sets the exit code. */
export function finishCheck(problems: readonly string[], fine: string): void {
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(fine);
  else process.exitCode = 1;
}
