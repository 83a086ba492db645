// A country's flag: decoration, the name is beside it.
export function Flag({ code }: { code: string | undefined }) {
  if (!code || !/^[A-Z]{2}$/.test(code)) return <span class="flag" aria-hidden="true" />;
  return <img class="flag" src={`/console/assets/flags/${code}.svg`} alt="" width={18} height={12} loading="lazy" />;
}
