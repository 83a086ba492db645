// What is only a matter of taste stays in this browser, under "sluice."; what is looked at is in the address.

export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`sluice.${name}`) ?? undefined;
  } catch {
    return undefined; // a browser that stores nothing
  }
}

export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`sluice.${name}`);
    else localStorage.setItem(`sluice.${name}`, value);
  } catch {
    // nothing is lost but the taste
  }
}
