// The code of an error, in small print; what went wrong in the page itself has none.
export function ErrorCode({ code }: { code: string }) {
  return code === 'page' ? null : <span class="small-print">{code}</span>;
}
