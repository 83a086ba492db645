// The statements of a migration that take something away from the release before, in one line each.

const BREAKING = [
  /\bDROP\s+(TABLE|VIEW|COLUMN)\b/i,
  /\bALTER\s+TABLE\s+\S+\s+DROP\b/i,
  /\bRENAME\b/i,
  // Without a default, every insert of the release before fails.
  /\bADD\s+(COLUMN\s+)?\S+\s+(?!.*\bDEFAULT\b).*\bNOT\s+NULL\b/is,
];

export function breaking(sql) {
  const statements = sql.replace(/--.*$/gm, "").replace(/'(?:[^']|'')*'/g, "''").split(";");
  const plain = statements.map((statement) => statement.trim().replace(/\s+/g, " "));
  return plain.filter((statement) => BREAKING.some((form) => form.test(statement)));
}
