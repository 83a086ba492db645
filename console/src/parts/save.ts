// Hands a text to the browser as a file.
export function saveFile(name: string, text: string, type = "text/csv"): void {
  // Spreadsheets take a file for UTF-8 only where it says so.
  const mark = type === "text/csv" ? "\ufeff" : "";
  const url = URL.createObjectURL(new Blob([mark, text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
