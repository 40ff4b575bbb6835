/** Lets the browser save what is at an address of the hub. It is an attachment, so the page stays. */
export function downloadFrom(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}
